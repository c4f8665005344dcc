import { writeFileSync } from "node:fs";
import { launchBrowser } from "./support/chromium.ts";
import { testRekey } from "./support/rekey.ts";
const rekey = await testRekey();
const oak = await rekey.createInstance("Oak Recovery");
const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez", email: "maria@oak.example" });
const dana = await oak.addUser({ role: "admin", firstName: "Dana", lastName: "Whitfield" });
const browser = await launchBrowser();
writeFileSync("/tmp/bad.csv", `Email Address;First Name;Last Name;Role;Title;Password Hash\nmaria@oak.example;Maria;Gonzalez;Member;;\ntom@oak.example;Tom;Wu;Member;;\nfront.desk@oak.example;Ana;Ruiz;Member;"Night\nnurse";\nfront.desk@oak.example;Lee;Park;Owner;;\n@;;X;King;;Summer2024\nzoe@oak.example;Zoe;Lane;Support;;$2b$12$abc\n`);
writeFileSync("/tmp/unknown.csv", `Email,First Name,Last Name,Password,Shoe Size\na@b,A,B,x,4\n`);
for (const [scheme, width] of [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]] as const) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${oak.instance.origin}/sign-in`);
  await page.getByLabel("User name or email").fill(dana.username);
  await page.getByLabel("Password", { exact: true }).fill(String(dana.password));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${oak.instance.origin}/`);
  if (width === 1280 && scheme === "light") { await page.goto(`${oak.instance.origin}/settings/users`); await page.screenshot({ path: `/tmp/shot-list.png` }); }
  await page.goto(`${oak.instance.origin}/settings/users/import`);
  await page.screenshot({ path: `/tmp/shot-${scheme}-${width}-ask.png`, fullPage: true });
  await page.getByLabel("File").setInputFiles("/tmp/bad.csv");
  await page.screenshot({ path: `/tmp/shot-${scheme}-${width}-chosen.png` });
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByText("Nobody was imported").waitFor();
  await page.screenshot({ path: `/tmp/shot-${scheme}-${width}-faults.png`, fullPage: true });
  await context.close();
}
await browser.close();
process.exit(0);
