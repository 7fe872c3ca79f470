import request from 'supertest';
import { RunningSample } from '../support/running-sample.js';

describe('the web server', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await RunningSample.start();
  });

  afterAll(async () => {
    await sample.stop();
  });

  it.each([
    ['/', 'text/html'],
    ['/main.js', 'text/javascript'],
    ['/styles.css', 'text/css'],
    ['/favicon.svg', 'image/svg+xml'],
  ])('serves %s, which may use nothing from elsewhere', async (path, type) => {
    const { headers } = await request(sample.url).get(path).expect(200);
    expect(headers['content-type']).toContain(type);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers).not.toHaveProperty('x-powered-by');
    const policy = headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  it('lets no page but that of the API have styles in its text, and none scripts', async () => {
    const { headers } = await request(sample.url).get('/api').expect(200);
    expect(headers['content-security-policy']).toContain("style-src 'self' 'unsafe-inline'");
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    const other = await request(sample.url).get('/apiary').expect(404);
    expect(other.headers['content-security-policy']).not.toContain('unsafe-inline');
  });

  it.each(['/nothing', '/package.json', '/..%2fpackage.json', '/.env'])(
    'answers 404 for %s',
    async (path) => {
      const response = await request(sample.url).get(path).expect(404);
      expect(response.body).toMatchObject({ statusCode: 404 });
    },
  );
});
