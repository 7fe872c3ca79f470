import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** The page in a browser context of its own, and everything that it should not do. */
export class SamplePage {
  /** Messages of the console that report an error, errors that nobody caught, and requests to elsewhere. */
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {}

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<SamplePage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const sample = new SamplePage(await context.newPage());
    sample.listen(url);
    await sample.page.goto(url);
    return sample;
  }

  /** The newest task with this label. */
  row(label: string): Locator {
    return this.page
      .getByRole('row')
      .filter({ has: this.page.getByText(label, { exact: true }) })
      .first();
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  async followBy(name: 'polling' | 'server-sent events'): Promise<void> {
    await this.page.getByRole('radio', { name }).check();
  }

  /** Waits until the newest task with this label is in this state, and gives its result as text. */
  async resultOf(label: string, state: string): Promise<string> {
    const row = this.row(label);
    await row.locator(`.badge[data-state="${state}"]`).waitFor({ timeout: 60_000 });
    return await row.locator('.result').innerText();
  }

  /** Writes down each value that the progress bar of a task takes from now on. Gives the function that reads them. */
  async watchProgress(label: string): Promise<() => Promise<readonly number[]>> {
    const bar = await this.row(label).locator('progress').elementHandle();
    const values = await bar?.evaluateHandle((element) => {
      const seen: number[] = [];
      new MutationObserver(() => seen.push((element as HTMLProgressElement).value)).observe(element, {
        attributes: true,
        attributeFilter: ['value'],
      });
      return seen;
    });
    return async () => (await values?.jsonValue()) ?? [];
  }

  /** What axe finds: the rule, and the elements that break it. */
  async faults(): Promise<readonly string[]> {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    // A tool of the browser and not of the page: evaluated, where the page's own policy would keep a script out.
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate(
      async () => await (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
    );
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  private listen(url: string): void {
    this.page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    this.page.on('pageerror', (error) => this.complaints.push(String(error)));
    this.page.on('request', (request) => {
      if (!request.url().startsWith(url)) this.complaints.push(`request to ${request.url()}`);
    });
  }
}
