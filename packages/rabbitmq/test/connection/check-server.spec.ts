import { checkServer } from '../../src/connection/check-server.js';

const check = (product: string, version: string) => (): void =>
  checkServer('amqp://h', {
    connection: { serverProperties: { host: '', product, version, platform: '', information: '' } },
  });

describe('checkServer', () => {
  it.each(['3.10.0', '3.10.8', '3.13.7+1', '4.0.0-rc.2', '4.2.1', 'unknown'])(
    'takes RabbitMQ %s',
    (version) => {
      expect(check('RabbitMQ', version)).not.toThrow();
    },
  );

  it.each(['3.9.29', '3.8.0', '2.8.7'])('refuses RabbitMQ %s, and says which is needed', (version) => {
    expect(check('RabbitMQ', version)).toThrow(
      `amqp://h can not be used: it is RabbitMQ ${version}, which is too old. Upgrade it to 3.10 or later.`,
    );
  });

  it('lets other servers try that speak the protocol', () => {
    expect(check('LavinMQ', '1.2.0')).not.toThrow();
  });
});
