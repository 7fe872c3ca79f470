import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { specOrder } from '../spec-order.mjs';

describe('the order of spec files', () => {
  it('begins with those that wait for servers and for time', () => {
    const inOrder = [
      'packages/redis/test/conformance/broker.spec.ts',
      'apps/sample/test/page/page.spec.ts',
      'packages/cli/test/worker/shutdowns.spec.ts',
      'packages/redis/test/faults/reconnect.spec.ts',
      'packages/nestjs/test/pool/nest-children.spec.ts',
      'libs/services/test/redis/redis-server.spec.ts',
      'packages/core/test/schedule/golden.spec.ts',
    ];
    // A file that was moved would go unnoticed to the end.
    expect(inOrder.filter((path) => !existsSync(join(process.cwd(), path)))).toEqual([]);
    expect(inOrder.toReversed().toSorted((one, other) => specOrder(one) - specOrder(other))).toEqual(inOrder);
  });
});
