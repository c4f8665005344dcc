import { hash } from "@node-rs/argon2";

import { hashPassword, verifyPassword } from "#credentials/password-hash.ts";

/** The costliest hash of each kind that an import takes in. */
const COSTLIEST = {
  bcrypt: "$2b$13$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK",
  phpass: "$P$DIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0",
  pbkdf2: `$pbkdf2-sha512$i=2000000,l=32$c2Vhc2FsdHNlYXNhbHQ$${"A".repeat(43)}`,
  scrypt: `$scrypt$ln=17,r=8,p=1$c2Vhc2FsdHNlYXNhbHQ$${"A".repeat(43)}`,
  argon2: await hash("any", { memoryCost: 131_072, timeCost: 8, parallelism: 1 }),
};

/** How many of our own checks one check of each kind is worth: what a sign-in with an imported hash may cost at most. */
const own = await timeOf(await hashPassword("any"));
for (const [kind, stored] of Object.entries(COSTLIEST)) {
  const taken = await timeOf(stored);
  process.stdout.write(`${kind}: ${Math.round(taken)} ms, ${(taken / own).toFixed(1)} times one of ours\n`);
}

async function timeOf(stored: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const startedAt = performance.now();
    await verifyPassword("wrong", stored);
    times.push(performance.now() - startedAt);
  }
  return Math.min(...times);
}
