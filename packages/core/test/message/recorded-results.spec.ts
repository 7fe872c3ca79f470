import { decodeResult, encodeResult } from '../../src/message/result-document.js';
import { definedFields, type RecordedDocument, recordedDocuments } from './support/recorded.js';
import { decoding, limits } from './support/sample-message.js';

const titled = recordedDocuments.map((recorded, index): [string, RecordedDocument] => [
  `${index}: ${recorded.case}, Celery ${recorded.celery}`,
  recorded,
]);

function recordOf({ record }: RecordedDocument): Record<string, unknown> {
  const { dateDone } = record;
  return typeof dateDone === 'string' ? { ...record, dateDone: new Date(dateDone) } : record;
}

describe('result documents of real Celery', () => {
  it('are all here', () => {
    const states = new Set(recordedDocuments.map(({ record }) => record['state']));
    expect(states).toEqual(new Set(['FAILURE', 'PROGRESS', 'RETRY', 'REVOKED', 'STARTED', 'SUCCESS']));
    expect(recordedDocuments.length).toBeGreaterThan(50);
  });

  it.each(titled)('%s is read', (_title, recorded) => {
    const record = decodeResult(Buffer.from(recorded.document, 'base64'), decoding);
    expect(definedFields(record)).toEqual(recordOf(recorded));
  });

  it.each(titled)('%s is the same after being written again', (_title, recorded) => {
    const record = decodeResult(Buffer.from(recorded.document, 'base64'), decoding);
    for (const serializer of ['json', 'msgpack', 'yaml'] as const) {
      expect(decodeResult(encodeResult(record, { serializer, limits }), decoding)).toEqual(record);
    }
  });
});
