import type { Clock } from '../clock/clock.js';
import { CAPABILITY_MISSING } from '../errors/config-errors.js';
import type { Driver } from '../ports/driver.js';
import { Stores } from '../stores/stores.js';
import type { Settings } from './settings.js';

const isRpc = (url: string | false): boolean => url !== false && /^rpc:/i.test(url);

/**
 * The stores of an app, of the drivers that its URLs name. Nothing is connected yet.
 *
 * @param open makes the driver of a URL, which is the value of an option
 * @param given has all ports, whatever the URLs say
 * @throws LOVAGE_CAPABILITY_MISSING, and what `open` throws
 */
export async function openStores(
  settings: Settings,
  clock: Clock,
  open: (option: string, url: string) => Promise<Driver>,
  given: Driver | undefined,
): Promise<Stores> {
  const main = given ?? (await open('broker', settings.broker));
  const onBroker = settings.results === settings.broker || isRpc(settings.results);
  const apart = given === undefined && !onBroker ? settings.results : false;
  const second = apart === false ? main : await open('results', apart);
  if (main.broker === undefined) throw missing(settings.broker, 'broker', 'Give another URL for "broker".');
  if (settings.results !== false && second.results === undefined) {
    const instead = 'Give another URL for "results", or false to keep none.';
    throw missing(settings.results, 'results', instead);
  }
  if (isRpc(settings.results) && main.results?.replyTo === undefined) {
    const instead = 'Give a broker of RabbitMQ (amqp://), or another URL for "results".';
    throw missing(settings.broker, 'results: rpc://', instead);
  }
  return new Stores({
    clock,
    broker: main.broker,
    results: settings.results === false ? undefined : second.results,
    ledger: main.ledger ?? second.ledger,
    inspector: main.inspector,
    topology: settings.topology,
    timeoutMs: settings.storeTimeoutMs,
  });
}

function missing(url: string, capability: string, instead: string): Error {
  return CAPABILITY_MISSING.create({ driver: url.split(':')[0] ?? '', capability, instead });
}
