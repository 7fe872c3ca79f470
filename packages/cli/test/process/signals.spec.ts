import { EventEmitter } from 'node:events';
import { listenToSignals } from '../../src/process/signals.js';

describe('signals', () => {
  const heard: string[] = [];
  let from: EventEmitter;
  let end: () => void;

  beforeEach(() => {
    heard.length = 0;
    from = new EventEmitter();
    end = listenToSignals(
      { warm: (signal) => heard.push(`warm ${signal}`), cold: (signal) => heard.push(`cold ${signal}`) },
      from,
    );
  });

  const send = (...signals: readonly string[]): readonly string[] => {
    for (const signal of signals) from.emit(signal, signal);
    return heard;
  };

  it.each([
    [['SIGTERM'], ['warm SIGTERM']],
    [['SIGINT'], ['warm SIGINT']],
    [['SIGHUP'], ['warm SIGHUP']],
    [['SIGQUIT'], ['cold SIGQUIT']],
    [
      ['SIGTERM', 'SIGTERM'],
      ['warm SIGTERM', 'cold SIGTERM'],
    ],
    [
      ['SIGINT', 'SIGTERM'],
      ['warm SIGINT', 'cold SIGTERM'],
    ],
    [
      ['SIGTERM', 'SIGQUIT'],
      ['warm SIGTERM', 'cold SIGQUIT'],
    ],
    [
      ['SIGQUIT', 'SIGTERM'],
      ['cold SIGQUIT', 'cold SIGTERM'],
    ],
  ])('%j mean %j', (signals, expected) => {
    expect(send(...signals)).toStrictEqual(expected);
  });

  it('are left alone afterwards', () => {
    end();
    expect(send('SIGTERM', 'SIGQUIT')).toStrictEqual([]);
  });
});
