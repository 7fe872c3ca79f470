import { hostname } from 'node:os';
import { join } from 'node:path';
import { artifactsFolder, Chromium, describeWith } from '@lovage/services';
import type { Browser } from 'playwright-core';
import { RunningSample } from '../support/running-sample.js';
import { textOf } from '../support/word-list.js';
import { SamplePage } from './sample-page.js';

// A browser on a busy machine; only a failing test waits that long.
jest.setTimeout(180_000);

const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

describeWith('chromium', 'the page', () => {
  const chromium = new Chromium();
  let sample: RunningSample;
  let browser: Browser;
  let open: SamplePage[];

  beforeAll(async () => {
    [sample, browser] = await Promise.all([RunningSample.start(), chromium.start()]);
  });

  beforeEach(() => {
    open = [];
  });

  afterEach(async () => {
    await Promise.all(open.map((page) => page.close()));
  });

  afterAll(async () => {
    await chromium.stop();
    await sample.stop();
  });

  async function visit(
    ...options: Parameters<typeof SamplePage.open> extends [unknown, unknown, ...infer R] ? R : never
  ) {
    const page = await SamplePage.open(browser, sample.url, ...options);
    open.push(page);
    return page;
  }

  async function screenshot(page: SamplePage, name: string): Promise<void> {
    await page.page.screenshot({ path: join(artifactsFolder('sample'), `${name}.png`), fullPage: true });
  }

  it('loses no click, however quickly they come', async () => {
    const page = await visit();
    // In one turn: the first is on its way when the second is clicked.
    await page.page.evaluate(() => {
      for (const operation of ['add', 'mul', 'divide'])
        document.querySelector<HTMLButtonElement>(`#math button[value="${operation}"]`)?.click();
    });
    expect(await page.resultOf('6 + 7', 'SUCCESS')).toBe('13');
    expect(await page.resultOf('6 ÷ 0', 'FAILURE')).toBe('RangeError: cannot divide 6 by zero');
    expect(await page.resultOf('6 × 7', 'SUCCESS')).toBe('42');
    expect(page.complaints).toEqual([]);
  });

  it.each(['polling', 'server-sent events'] as const)('shows tasks to their end by %s', async (way) => {
    const page = await visit();
    await page.followBy(way);
    const { text, words } = textOf(20 * 1024 * 1024);

    await page.press('Add');
    expect(await page.resultOf('6 + 7', 'SUCCESS')).toBe('13');

    await page.press('Divide by zero');
    expect(await page.resultOf('6 ÷ 0', 'FAILURE')).toBe('RangeError: cannot divide 6 by zero');

    await page.page.getByLabel('below').fill('1000');
    await page.press('Count primes');
    expect(await page.resultOf('primes below 1,000', 'SUCCESS')).toBe('168');

    await page.press('Multiply slowly');
    const multiplied = await page.watchProgress('6 × 7');
    expect(await page.resultOf('6 × 7', 'SUCCESS')).toBe('42');
    expect((await multiplied()).some((value) => value > 0 && value < 1)).toBe(true);

    await page.page.setInputFiles('#file', {
      name: 'herbs.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from(text),
    });
    await page.press('Upload and count');
    const counted = await page.watchProgress('words of herbs.txt');
    const boxes = page.row('words of herbs.txt').locator('.picture li');
    await boxes.and(page.page.locator('[data-state="PROGRESS"]')).first().waitFor({ timeout: 60_000 });
    await screenshot(page, `${way === 'polling' ? 'polling' : 'events'}-counting`);
    expect(await page.resultOf('words of herbs.txt', 'SUCCESS')).toContain(
      `${words.toLocaleString('en')} words`,
    );
    expect((await counted()).some((value) => value > 0 && value < 1)).toBe(true);
    await page.row('words of herbs.txt').locator('.picture li[data-state="SUCCESS"]').nth(6).waitFor();
    expect(await boxes.allInnerTexts()).toEqual(['1', '2', '3', '4', '5', '6', 'Σ']);

    await screenshot(page, `${way === 'polling' ? 'polling' : 'events'}-finished`);
    expect(page.complaints).toEqual([]);
  });

  it('asks for the name of the host in three ways', async () => {
    const page = await visit();
    const answer = page.page.locator('#host output');
    const answered = async (text: string): Promise<void> =>
      await answer.filter({ hasText: text }).waitFor({ timeout: 30_000 });

    await page.press('Ask and wait');
    await answered(hostname());
    await page.press('Ask in a task');
    await page.row('name of the host').waitFor();
    await page.press('Fetch the answer');
    await answered('not finished yet');
    await page.resultOf('name of the host', 'SUCCESS');
    await page.press('Fetch the answer');
    await answered(hostname());
    expect(page.complaints).toEqual([]);
  });

  it('revokes a task, removes it, and clears what is finished', async () => {
    const page = await visit();
    await page.press('Multiply slowly');
    await page.resultOf('6 × 7', 'PROGRESS');
    await page.press('Revoke 6 × 7');
    expect(await page.resultOf('6 × 7', 'REVOKED')).toMatch(/terminated/);
    await page.press('Remove 6 × 7');
    await page.page.getByText('Nothing submitted yet.').waitFor();
    await page.press('Add');
    await page.resultOf('6 + 7', 'SUCCESS');
    await page.press('Clear finished');
    await page.page.getByText('Nothing submitted yet.').waitFor();
  });

  it('knows its tasks and how to follow them after a reload, and says when the server knows them no more', async () => {
    const page = await visit();
    await page.followBy('server-sent events');
    await page.press('Multiply slowly');
    await page.resultOf('6 × 7', 'PROGRESS');
    await page.page.evaluate(() => {
      const key = 'lovage.sample.tasks';
      const tasks = JSON.parse(localStorage.getItem(key) ?? '[]') as unknown[];
      const gone = { id: '00000000-0000-4000-8000-000000000000', label: 'long ago' };
      localStorage.setItem(key, JSON.stringify([...tasks, gone, gone, { id: 7 }, null, 'x']));
    });
    await page.page.reload();
    expect(await page.page.getByRole('radio', { name: 'server-sent events' }).isChecked()).toBe(true);
    expect(await page.page.locator('#rows tr').count()).toBe(2);
    expect(await page.resultOf('long ago', 'UNKNOWN')).toContain('does not know this task any more');
    expect(await page.resultOf('6 × 7', 'SUCCESS')).toBe('42');
  });

  it('follows more tasks by events than a browser opens connections', async () => {
    const page = await visit();
    await page.followBy('server-sent events');
    for (let count = 0; count < 8; count += 1) await page.press('Multiply slowly');
    await page.page.locator('.badge[data-state="SUCCESS"]').nth(7).waitFor({ timeout: 60_000 });
    expect(page.complaints).toEqual([]);
  });

  it('shows what the server refuses, and that it does not answer', async () => {
    const page = await visit();
    const problem = page.page.locator('#math .problem');
    await page.page.route('**/math/add', async (route) => {
      await route.fulfill({ status: 400, json: { message: ['x must be a number', 'y must be a number'] } });
    });
    await page.press('Add');
    await problem.filter({ hasText: 'x must be a number. y must be a number' }).waitFor();
    await page.page.route('**/math/mul', async (route) => await route.abort());
    await page.press('Multiply slowly');
    await problem.filter({ hasText: 'The server does not answer.' }).waitFor();
    await page.page.setInputFiles('#file', []);
    await page.press('Upload and count');
    expect(
      await page.page.locator('#file').evaluate((input: HTMLInputElement) => input.validity.valueMissing),
    ).toBe(true);
  });

  it('takes a file that is dropped on it', async () => {
    const page = await visit();
    const files = await page.page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['one two'], 'dropped.txt'));
      return transfer;
    });
    await page.page.locator('.drop').dispatchEvent('drop', { dataTransfer: files });
    await page.press('Upload and count');
    expect(await page.resultOf('words of dropped.txt', 'SUCCESS')).toContain('2 words, 2 different');
  });

  it('works with the keyboard alone', async () => {
    const page = await visit();
    const { keyboard } = page.page;
    await keyboard.press('Tab');
    expect(await page.page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the tasks');
    for (let presses = 0; presses < 2; presses += 1) await keyboard.press('Tab');
    await keyboard.type('40');
    await keyboard.press('Tab');
    await keyboard.type('2');
    await keyboard.press('Enter');
    expect(await page.resultOf('40 + 2', 'SUCCESS')).toBe('42');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.press('Space');
    await page.resultOf('40 × 2', 'PROGRESS');
    const revoke = page.row('40 × 2').getByRole('button');
    for (let presses = 0; presses < 20; presses += 1) {
      if (await revoke.evaluate((button) => button === document.activeElement)) break;
      await keyboard.press('Tab');
    }
    await keyboard.press('Enter');
    await page.resultOf('40 × 2', 'REVOKED');
    await page.page.getByRole('status').filter({ hasText: '40 × 2: REVOKED' }).waitFor();
    // The focus stays where it was: on the button, which now removes.
    const focused = async (): Promise<string | null> =>
      await page.page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id ?? null,
      );
    expect(await focused()).toBe('Remove 40 × 2');
    await keyboard.press('Enter');
    expect(await focused()).toBe('tasks');
    await page.page.getByRole('button', { name: 'Clear finished' }).focus();
    await keyboard.press('Enter');
    await page.page.getByText('Nothing submitted yet.').waitFor();
    expect(await focused()).toBe('tasks');
  });

  it('shows hostile text as text', async () => {
    const page = await visit();
    const hostile = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
    await page.page.setInputFiles('#file', {
      name: `${hostile}.txt`,
      mimeType: 'text/plain',
      buffer: Buffer.from('a'),
    });
    await page.press('Upload and count');
    await page.page.getByText(hostile).first().waitFor();

    const views = [
      { state: 'SUCCESS', ready: true, result: hostile },
      { state: 'SUCCESS', ready: true, result: { top: [{ word: hostile, count: hostile }], words: hostile } },
      { state: 'FAILURE', ready: true, error: { type: hostile, message: hostile } },
      { state: hostile, ready: false, progress: { current: hostile, total: [hostile] } },
      { state: 'SUCCESS', ready: true, result: { ['__proto__']: hostile, text: hostile } },
    ];
    for (const view of views) {
      await page.page.route(
        '**/tasks/*',
        async (route) => await route.fulfill({ json: { id: hostile, ...view } }),
      );
      await page.press('Add');
      await page.row('6 + 7').getByText('<img src=x onerror=').first().waitFor();
    }
    expect(await page.page.locator('main img, main script').count()).toBe(0);
    expect(await page.page.title()).toBe('Lovage sample');
    expect(page.complaints).toEqual([]);
  });

  it('fits on a phone', async () => {
    const page = await visit(phone);
    await page.page.setInputFiles('#file', {
      name: `${'a-very-long-name-without-any-space'.repeat(4)}.txt`,
      mimeType: 'text/plain',
      buffer: Buffer.from('x'.repeat(5000)),
    });
    await page.press('Upload and count');
    await page.page.locator('.badge[data-state="SUCCESS"]').waitFor();
    await page.press('Divide by zero');
    await page.press('Multiply slowly');
    await page.page.getByRole('link', { name: 'See the tasks' }).first().waitFor();
    await page.resultOf('6 × 7', 'PROGRESS');
    await screenshot(page, 'phone');
    const [content, window] = await page.page.evaluate(() => [
      document.documentElement.scrollWidth,
      innerWidth,
    ]);
    expect(content).toBe(window);
    expect(window).toBe(phone.viewport.width);
  });

  it.each([
    ['in light colours', { colorScheme: 'light' }],
    ['in dark colours', { colorScheme: 'dark' }],
    ['on a phone', phone],
  ] as const)('has no accessibility faults that axe finds, %s', async (name, options) => {
    const page = await visit(options);
    await page.press('Add');
    await page.press('Divide by zero');
    await page.press('Multiply slowly');
    await page.resultOf('6 ÷ 0', 'FAILURE');
    await page.resultOf('6 + 7', 'SUCCESS');
    await page.resultOf('6 × 7', 'PROGRESS');
    await page.press('Revoke 6 × 7');
    await page.resultOf('6 × 7', 'REVOKED');
    await page.press('Multiply slowly');
    await page.resultOf('6 × 7', 'PROGRESS');
    await screenshot(page, name.replaceAll(' ', '-'));
    expect(await page.faults()).toEqual([]);
  });
});
