import { waitFor } from '@lovage/services';

describe('waitFor', () => {
  it('gives the first value that is there', async () => {
    let calls = 0;
    const probe = (): string | undefined => {
      calls += 1;
      return calls < 3 ? undefined : 'there';
    };
    await expect(waitFor(probe, { withinMs: 30_000, what: 'the third call', everyMs: 1 })).resolves.toBe(
      'there',
    );
    expect(calls).toBe(3);
  });

  it.each([0, '', Number.NaN])('takes %p for a value', async (value) => {
    await expect(waitFor(() => value, { withinMs: 30_000, what: 'a falsy value' })).resolves.toBe(value);
  });

  it('takes a probe that throws for "not yet"', async () => {
    let calls = 0;
    const probe = async (): Promise<boolean> => {
      calls += 1;
      if (calls < 3) throw new Error('refused');
      return true;
    };
    await expect(waitFor(probe, { withinMs: 30_000, what: 'a connection', everyMs: 1 })).resolves.toBe(true);
  });

  it('names the condition and the last value when it waited in vain', async () => {
    const waiting = waitFor(() => false, { withinMs: 20, what: 'pigs to fly', everyMs: 1 });
    await expect(waiting).rejects.toMatchObject({
      code: 'WAITED_IN_VAIN',
      message: expect.stringMatching(
        /^waited \d+ ms for: pigs to fly\. \d+ probes, the last one gave false$/,
      ) as unknown,
    });
  });

  it('keeps the last error of the probe as the cause', async () => {
    const refused = new Error('refused');
    const waiting = waitFor(
      () => {
        throw refused;
      },
      { withinMs: 20, what: 'a connection', everyMs: 1 },
    );
    await expect(waiting).rejects.toMatchObject({
      cause: refused,
      message: expect.stringContaining('refused') as unknown,
    });
  });

  it('does not wait longer for a probe that never answers', async () => {
    const waiting = waitFor(() => new Promise<never>(() => undefined), { withinMs: 20, what: 'a dead end' });
    await expect(waiting).rejects.toMatchObject({ code: 'WAITED_IN_VAIN' });
  });
});
