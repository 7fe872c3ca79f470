import { type Shape, shapes, signatureOf } from '@lovage/conformance';
import { CeleryClient, describeWith } from '@lovage/services';
import fc from 'fast-check';
import { makeTask } from '../../src/canvas/signature-shape.js';
import { Signature } from '../../src/client/canvas/signature.js';

const leaf = (n: number): Signature => new Signature(makeTask('interop.fold', [n]));
const jsonOf = (shape: Shape): unknown => JSON.parse(JSON.stringify(signatureOf(shape, leaf)));

/** The same for Python's operators. */
function expressionOf(shape: Shape): unknown {
  if (shape.kind === 'task') return shape.n;
  if (shape.kind === 'chain') return ['chain', ...shape.steps.map(expressionOf)];
  if (shape.kind === 'group') return ['group', ...shape.members.map(expressionOf)];
  return ['chord', ...[...shape.header, shape.body].map(expressionOf)];
}

/** Written in another way on purpose: groups of one, which Celery takes for their member, and groups in groups, whose order it turns round. */
function isWrittenOtherwise(shape: Shape): boolean {
  if (shape.kind === 'task') return false;
  const parts =
    shape.kind === 'chain'
      ? shape.steps
      : shape.kind === 'group'
        ? shape.members
        : [...shape.header, shape.body];
  const header = shape.kind === 'chord' ? shape.header : shape.kind === 'group' ? shape.members : [];
  // Of a chain of one other composition Python keeps both.
  const single =
    (shape.kind === 'group' && shape.members.length === 1) ||
    (shape.kind === 'chain' && shape.steps.length === 1 && shape.steps[0]?.kind !== 'task');
  return single || header.some(({ kind }) => kind !== 'task') || parts.some(isWrittenOtherwise);
}

describeWith('celery', 'the JSON form of workflows', () => {
  const python = new CeleryClient({ broker: 'memory://', resultBackend: 'cache+memory://' });

  beforeAll(async () => await python.start(), 60_000);

  afterAll(async () => await python.stop());

  it('is what Python writes for the same composition', async () => {
    await fc.assert(
      fc.asyncProperty(
        shapes.filter((shape) => !isWrittenOtherwise(shape)),
        async (shape) => {
          expect(jsonOf(shape)).toEqual(await python.compose(expressionOf(shape)));
        },
      ),
      { numRuns: 200, seed: 20_260_901 },
    );
  }, 60_000);

  it('is read by Python, and written back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        expect(await python.read(jsonOf(shape))).toEqual(jsonOf(shape));
      }),
      { numRuns: 200, seed: 20_260_901 },
    );
  }, 60_000);
});
