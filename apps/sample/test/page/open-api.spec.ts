import { join } from 'node:path';
import { artifactsFolder, Chromium, describeWith } from '@lovage/services';
import request from 'supertest';
import { RunningSample } from '../support/running-sample.js';
import { SamplePage } from './sample-page.js';

jest.setTimeout(120_000);

describe('the OpenAPI description', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await RunningSample.start();
  });

  afterAll(async () => {
    await sample.stop();
  });

  it('names every endpoint', async () => {
    const response = await request(sample.url).get('/api-json').expect(200);
    const { paths } = response.body as { paths: Record<string, object> };
    const endpoints = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(endpoints.toSorted()).toEqual([
      'delete /schedules/{name}',
      'delete /tasks/{id}',
      'delete /workflows/groups/{id}',
      'get /host/hostname',
      'get /schedules',
      'get /schedules/{name}',
      'get /tasks/{id}',
      'get /tasks/{id}/events',
      'get /workflows/groups/{id}',
      'patch /schedules/{name}',
      'post /math/add',
      'post /math/divide',
      'post /math/mul',
      'post /math/primes',
      'post /schedules',
      'post /schedules/{name}/pause',
      'post /schedules/{name}/resume',
      'post /schedules/{name}/run',
      'post /words',
      'post /workflows/chain',
      'post /workflows/chord',
      'post /workflows/group',
    ]);
  });

  describeWith('chromium', 'its page', () => {
    it('shows with files of this server alone, and can try an endpoint', async () => {
      const chromium = new Chromium();
      try {
        const { page, complaints } = await SamplePage.open(await chromium.start(), sample.url);
        await page.getByRole('link', { name: 'API description' }).click();
        await page.getByText('Add two numbers in a task').click();
        await page.getByRole('button', { name: 'Try it out' }).click();
        await page.getByRole('button', { name: 'Execute' }).click();
        await page.locator('.live-responses-table .response-col_status').filter({ hasText: '202' }).waitFor();
        await page.screenshot({ path: join(artifactsFolder('sample'), 'open-api.png') });
        expect(complaints).toEqual([]);
      } finally {
        await chromium.stop();
      }
    });
  });
});
