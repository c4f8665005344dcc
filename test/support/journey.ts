import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";

import { launchBrowser } from "./chromium.ts";
import type { TestInstance, TestUser } from "./rekey.ts";

let browser: Promise<Browser> | undefined;

/** A person's browser on one instance. What it complains of, or sends elsewhere, fails the journey when it ends. */
export class Visitor {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #oak: TestInstance;
  readonly #origins: string[];
  readonly #hasScript: boolean;
  readonly #complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page, oak: TestInstance, hasScript: boolean) {
    this.#context = context;
    this.page = page;
    this.#oak = oak;
    this.#hasScript = hasScript;
    this.#origins = [oak.instance.origin];
  }

  /** A new browser profile on the instance; nothing is open yet. */
  static async arrive(oak: TestInstance, options: BrowserContextOptions = {}): Promise<Visitor> {
    browser ??= launchBrowser();
    const viewport = { width: 1280, height: 860 };
    const context = await within(30_000, "opening a browser", (await browser).newContext({ viewport, ...options }));
    context.setDefaultTimeout(20_000); // Two suites may be at work beside it.
    const page = await within(15_000, "opening a page", context.newPage());
    const visitor = new Visitor(context, page, oak, options.javaScriptEnabled ?? true);
    visitor.#listen();
    return visitor;
  }

  /** From now on the visitor's way may lead to this instance as well. */
  mayGoTo({ instance }: TestInstance): void {
    this.#origins.push(instance.origin);
  }

  /** Opens a page of the instance by its path. */
  async open(path: string): Promise<void> {
    await this.page.goto(this.#oak.instance.origin + path);
    await this.#settle();
  }

  /** Signs in on the page that asks for it. */
  async signIn(user: TestUser, password: string = user.password ?? ""): Promise<void> {
    await this.trySignIn(user, password);
    await this.landOn(user.role === "member" ? "/account" : "/");
  }

  /** Fills in the page that asks who it is; what comes of it is the caller's. */
  async trySignIn(user: { readonly username: string }, password: string): Promise<void> {
    await this.open("/sign-in");
    await this.page.getByLabel("User name or email").fill(user.username);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  /** Waits until the browser has been led to the path. */
  async landOn(path: string): Promise<void> {
    await this.page.waitForURL(this.#oak.instance.origin + path);
    await this.#settle();
  }

  /** Opens the user's profile and chooses an action under More. */
  async chooseUnderMore(user: TestUser, action: string): Promise<void> {
    await this.open(`/settings/users/${user.id}`);
    await this.page.getByRole("button", { name: "More" }).click();
    await this.choose(action);
  }

  /**
   * Chooses from the menu that is open, with the pointer where a hand would put it: Playwright's own click scrolls the page
   * under a menu that was anchored while something beside it changed, and misses.
   */
  async choose(action: string): Promise<void> {
    const item = this.page.getByRole("menuitem", { name: action, exact: true });
    await item.waitFor();
    const { x, y } = await placeAtRest(item);
    await this.page.mouse.click(x, y);
  }

  /** Waits until a screen reader has been told it without being asked. */
  async hear(news: string): Promise<void> {
    await this.page.getByRole("log", { name: "News" }).getByText(news, { exact: true }).waitFor({ state: "attached" });
  }

  /** @returns what axe-core finds against WCAG 2.2 AA and its best practices, or against these of its rules, a line each. */
  async accessibilityFaults(rules?: readonly string[]): Promise<readonly string[]> {
    if (!(await this.page.evaluate("'axe' in globalThis"))) await this.page.evaluate(AXE);
    return this.page.evaluate(async (runOnly) => {
      const { axe } = globalThis as unknown as {
        axe: { run(options: object): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
      };
      const { violations } = await axe.run(runOnly ? { runOnly } : {});
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
    }, rules);
  }

  /** The browser is closed; it must have had nothing to complain of. */
  async leave(): Promise<void> {
    // Now and then Chromium never answers a close; the next visitor gets a new browser, and the old one ends with the process.
    await within(15_000, "closing the browser's pages", this.#context.close()).catch(() => {
      browser = undefined;
    });
    assert.deepEqual(this.#complaints, []);
  }

  /** Only after the page has loaded does htmx set to work, by a timer; nobody's hand is quicker than that, and a test is. */
  async #settle(): Promise<void> {
    if (this.#hasScript) await this.page.evaluate("new Promise((done) => setTimeout(done))");
  }

  #listen(): void {
    this.page.on("pageerror", (error) => this.#complaints.push(`script: ${error.message}`));
    this.page.on("console", (message) => {
      const isRefusal = /status of 4\d\d/.test(message.text()); // The product's own honest answers, such as 410 for an expired link.
      const isViolation = message.text().includes("Content Security Policy"); // Whatever Chromium calls its kind.
      if ((message.type() === "error" || isViolation) && !isRefusal)
        this.#complaints.push(`console: ${message.text()}`);
    });
    this.page.on("request", (request) => {
      const isOurs = [...this.#origins, "data:"].some((beginning) => request.url().startsWith(beginning));
      if (!isOurs) this.#complaints.push(`elsewhere: ${request.url()}`);
    });
  }
}

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** A browser that does not answer fails the journey with the step's name. */
function within<T>(ms: number, step: string, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${step} took longer than ${ms} ms`)), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** @returns the middle of an element, once it no longer moves. */
async function placeAtRest(element: Locator): Promise<{ x: number; y: number }> {
  for (let before = ""; ; ) {
    const box = await element.boundingBox();
    const now = JSON.stringify(box);
    if (box && now === before) return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    before = now;
    await element.page().waitForTimeout(50);
  }
}
