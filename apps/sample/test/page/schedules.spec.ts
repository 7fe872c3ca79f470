import { Chromium, describeWith } from '@lovage/services';
import { RunningSample } from '../support/running-sample.js';
import { SamplePage } from './sample-page.js';

// A browser on a busy machine; only a failing test waits that long.
jest.setTimeout(180_000);
const patience = { timeout: 60_000 };

describeWith('chromium', 'the schedules of the page', () => {
  it('show their runs, can be paused, resumed and run', async () => {
    const chromium = new Chromium();
    const [sample, browser] = await Promise.all([RunningSample.start(), chromium.start()]);
    try {
      const visit = await SamplePage.open(browser, sample.url);
      const { page } = visit;
      await page.getByRole('heading', { name: 'Schedules' }).click();
      const heartbeat = page.getByRole('listitem').filter({ hasText: 'heartbeat' });
      const report = page.getByRole('listitem').filter({ hasText: 'report' });
      await heartbeat.getByText('every 5 s').waitFor(patience);
      await report.getByText('* * * * *').waitFor(patience);
      // The beat sends it by itself.
      await heartbeat
        .locator('.count')
        .filter({ hasText: /^[1-9]/ })
        .waitFor(patience);

      await page.getByRole('button', { name: 'Pause: report' }).click();
      await report.locator('.next').filter({ hasText: 'paused' }).waitFor(patience);
      const before = Number(await report.locator('.count').innerText());
      await page.getByRole('button', { name: 'Run now: report' }).click();
      await report
        .locator('.count')
        .filter({ hasText: String(before + 1) })
        .waitFor(patience);
      await page.getByRole('button', { name: 'Resume: report' }).click();
      await report.locator('.next').filter({ hasText: /\d/ }).waitFor(patience);

      expect(await visit.faults()).toEqual([]);
      expect(visit.complaints).toEqual([]);
    } finally {
      await chromium.stop();
      await sample.stop();
    }
  });
});
