import { readSettings } from '../src/settings.js';

describe('readSettings', () => {
  it('has defaults for everything: this machine only, and the embedded store', () => {
    const defaults = {
      port: 3000,
      host: '127.0.0.1',
      broker: 'memory://',
      results: 'memory://',
      worker: true,
      beat: true,
      uploads: undefined,
    };
    expect(readSettings({})).toEqual(defaults);
    expect(
      readSettings({ PORT: '', HOST: '', LOVAGE_BROKER: '', LOVAGE_RESULTS: '', LOVAGE_UPLOADS: '' }),
    ).toEqual(defaults);
  });

  it('keeps results where the broker is, unless told otherwise', () => {
    expect(readSettings({ LOVAGE_BROKER: 'redis://a' })).toMatchObject({
      broker: 'redis://a',
      results: 'redis://a',
    });
    expect(readSettings({ LOVAGE_BROKER: 'redis://a', LOVAGE_RESULTS: 'redis://b' })).toMatchObject({
      broker: 'redis://a',
      results: 'redis://b',
    });
  });

  it('leaves tasks to worker processes where the broker is on the network, unless told otherwise', () => {
    expect(readSettings({ LOVAGE_BROKER: 'redis://a' }).worker).toBe(false);
    expect(readSettings({ LOVAGE_BROKER: 'redis://a', LOVAGE_WORKER: 'true' }).worker).toBe(true);
    expect(readSettings({ LOVAGE_WORKER: 'false' }).worker).toBe(false);
    expect(() => readSettings({ LOVAGE_WORKER: 'yes' })).toThrow(
      'LOVAGE_WORKER must be "true" or "false", got "yes".',
    );
  });

  it.each(['0', '80', '65535'])('takes port %s', (PORT) => {
    expect(readSettings({ PORT }).port).toBe(Number(PORT));
  });

  it.each(['65536', '-1', '3000.5', '0x10', 'http', ' ', '99999999'])('refuses port "%s"', (PORT) => {
    expect(() => readSettings({ PORT })).toThrow(
      `PORT must be a whole number from 0 to 65535, got "${PORT}".`,
    );
  });
});
