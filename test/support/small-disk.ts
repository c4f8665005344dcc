import { spawnSync } from "node:child_process";
import {
  chownSync,
  closeSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const PIECE = Buffer.alloc(4096, 1);

/** A disk of its own in memory, so small that it can be filled. It is gone when this process ends, at the latest. */
export class SmallDisk {
  readonly directory: string;
  readonly #filler: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.#filler = path.join(directory, "filler");
    process.once("exit", () => this.remove());
  }

  /** @returns undefined where this user may not mount anything. */
  static mount(megabytes: number): SmallDisk | undefined {
    const directory = mkdtempSync(path.join(tmpdir(), "rekey-disk-"));
    const { status, stderr } = spawnSync("mount", [
      "-t",
      "tmpfs",
      "-o",
      `size=${megabytes}m,mode=0700`,
      "rekey",
      directory,
    ]);
    if (status === 0) return new SmallDisk(directory);
    rmdirSync(directory);
    if (/superuser|denied|not permitted/.test(String(stderr))) return undefined;
    throw new Error(`A small disk cannot be mounted: ${String(stderr)}`);
  }

  /** It belongs to whom the other file belongs to. */
  giveToOwnerOf(file: string): void {
    const { uid, gid } = statSync(file);
    chownSync(this.directory, uid, gid);
  }

  grow(megabytes: number): void {
    const { status, stderr } = spawnSync("mount", ["-o", `remount,size=${megabytes}m`, this.directory]);
    if (status !== 0) throw new Error(String(stderr));
  }

  /** Nothing more can be written but this many bytes. */
  fill(roomBytes = 0): void {
    const file = openSync(this.#filler, "a");
    try {
      while (this.#roomBytes() > roomBytes) writeSync(file, PIECE);
    } finally {
      closeSync(file);
    }
  }

  /** There is room again. */
  clear(): void {
    rmSync(this.#filler, { force: true });
  }

  /** Repeats safely. */
  remove(): void {
    if (spawnSync("umount", ["--lazy", this.directory]).status === 0) rmdirSync(this.directory);
  }

  #roomBytes(): number {
    const { bavail, bsize } = statfsSync(this.directory);
    return bavail * bsize;
  }
}
