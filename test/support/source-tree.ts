import {
  type BindingElement,
  isBindingElement,
  isElementAccessExpression,
  isIdentifier,
  isImportSpecifier,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isStringLiteral,
  isTaggedTemplateExpression,
  type Node,
  type NoSubstitutionTemplateLiteral,
  type SourceFile,
  type StringLiteral,
} from "typescript/unstable/ast";
import { API } from "typescript/unstable/async";
import { createVirtualFileSystem } from "typescript/unstable/fs";

/** What the rules of the architecture need to know about one file. */
export interface Source {
  /** From the root of the repository, such as `src/recovery/redeem.ts`. */
  readonly path: string;
  /** Every module named by an import, a re-export, an `import()` or an `import("…").Type`, as it is written. */
  readonly imports: readonly SourceImport[];
  /** The lines that reach for `process.env`, however it is spelled. */
  readonly environmentLines: readonly number[];
  /** The lines that build a query. */
  readonly queryLines: readonly number[];
}

export interface SourceImport {
  readonly specifier: string;
  readonly line: number;
}

const QUERY_METHODS = new Set(["selectFrom", "selectNoFrom", "insertInto", "updateTable", "deleteFrom", "mergeInto"]);

const CONFIG = {
  compilerOptions: { noResolve: true, noLib: true, types: [], jsx: "preserve", module: "esnext", target: "esnext" },
  include: ["src/**/*"],
};

/**
 * Reads TypeScript with the compiler's own parser, without looking at any other file.
 * An `import()` of a computed name stays unseen.
 * @param files what each file contains, by its path from the root of the repository.
 */
export async function readSources(files: Readonly<Record<string, string>>): Promise<Source[]> {
  const atRoot = Object.entries(files).map(([path, text]) => [`/${path}`, text]);
  const disk = createVirtualFileSystem({ ...Object.fromEntries(atRoot), "/tsconfig.json": JSON.stringify(CONFIG) });
  const compiler = new API({ cwd: "/", fs: disk });
  try {
    const snapshot = await compiler.updateSnapshot({ openProjects: ["/tsconfig.json"] });
    const program = snapshot.getProject("/tsconfig.json")?.program;
    return await Promise.all(
      Object.keys(files).map(async (path) => {
        const parsed = await program?.getSourceFile(`/${path}`);
        if (!parsed) throw new Error(`the compiler does not take ${path} for a source file`);
        return describe(path, parsed);
      }),
    );
  } finally {
    await compiler.close();
  }
}

function describe(path: string, parsed: SourceFile): Source {
  const lineOf = (node: Node): number => parsed.getLineAndCharacterOfPosition(node.end).line + 1;
  const nodes = [...descendants(parsed)];
  return {
    path,
    imports: parsed.imports.filter(isText).map((node) => ({ specifier: node.text, line: lineOf(node) })),
    environmentLines: nodes.filter(readsEnvironment).map(lineOf),
    queryLines: nodes.filter(buildsQuery).map(lineOf),
  };
}

function* descendants(node: Node): Generator<Node> {
  const children: Node[] = [];
  node.forEachChild((child) => void children.push(child));
  for (const child of children) {
    yield child;
    yield* descendants(child);
  }
}

/** An `import()` may name its module between backticks, too. */
function isText(node: Node): node is StringLiteral | NoSubstitutionTemplateLiteral {
  return isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node);
}

/** `process.env`, `process["env"]`, `const { env } = process` and `import { env } from "node:process"`. */
function readsEnvironment(node: Node): boolean {
  if (isPropertyAccessExpression(node)) return node.name.text === "env" && isProcess(node.expression);
  if (isElementAccessExpression(node)) {
    return isText(node.argumentExpression) && node.argumentExpression.text === "env" && isProcess(node.expression);
  }
  if (isBindingElement(node)) return takenName(node) === "env" && isProcess(node.parent.parent);
  return isImportSpecifier(node) && (node.propertyName ?? node.name).text === "env";
}

function isProcess(node: Node): boolean {
  if (isIdentifier(node)) return node.text === "process";
  if (isPropertyAccessExpression(node)) return node.name.text === "process";
  return "initializer" in node && isProcess(node.initializer as Node);
}

function takenName(element: BindingElement): string | undefined {
  const name = element.propertyName ?? element.name;
  return name && isIdentifier(name) ? name.text : undefined;
}

function buildsQuery(node: Node): boolean {
  if (isPropertyAccessExpression(node)) return QUERY_METHODS.has(node.name.text);
  return isTaggedTemplateExpression(node) && isIdentifier(node.tag) && node.tag.text === "sql";
}
