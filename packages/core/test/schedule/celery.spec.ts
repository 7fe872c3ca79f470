import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describeWith } from '@lovage/services';
import fc from 'fast-check';
import { crontab } from '../../src/schedule/crontab.js';
import { openSchedule } from '../../src/schedule/open-schedule.js';

const script = fileURLToPath(new URL('fixtures/celery_schedules.py', import.meta.url));

interface Answer {
  readonly remaining: number;
  readonly due: boolean;
  readonly next: number;
}

interface Question {
  readonly zone: string;
  /** minute, hour, day of week, day of month, month of year */
  readonly fields: readonly [string, string, string, string, string];
  readonly last: number;
  readonly now: number;
}

async function ask(questions: readonly Question[]): Promise<readonly Answer[]> {
  const celery = spawn('/usr/bin/python3', [script, 'ask'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(celery, 'exit');
  celery.stdin.end(questions.map((question) => `${JSON.stringify(question)}\n`).join(''));
  const answers: Answer[] = [];
  for await (const line of createInterface({ input: celery.stdout }))
    answers.push(JSON.parse(line) as Answer);
  await ended;
  return answers;
}

const field = (least: number, most: number): fc.Arbitrary<string> => {
  const value = fc.integer({ min: least, max: most });
  const range = fc.tuple(value, value).map(([from, to]) => `${from}-${to}`);
  const step = fc.integer({ min: 1, max: 20 });
  const part = fc.oneof(
    fc.constant('*'),
    value.map(String),
    range,
    fc.tuple(range, step).map(([one, by]) => `${one}/${by}`),
    step.map((by) => `*/${by}`),
  );
  return fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','));
};

const question: fc.Arbitrary<Question> = fc
  .record({
    // Without changes of the clocks, and not west of UTC, where this version of Celery passes over days.
    zone: fc.constantFrom('UTC', 'Asia/Kathmandu', 'Asia/Tokyo'),
    fields: fc.tuple(field(0, 59), field(0, 23), field(0, 6), field(1, 28), field(1, 12)),
    last: fc.integer({ min: Date.UTC(2020, 0) / 1000, max: Date.UTC(2030, 0) / 1000 }),
    later: fc.integer({ min: 0, max: 3 * 86_400 }),
  })
  .map(({ later, ...rest }) => ({ ...rest, now: rest.last + later }));

describeWith('celery', 'crontab beside that of Celery', () => {
  it('is due when crontab.remaining_estimate and is_due say so', async () => {
    const questions = fc.sample(question, { numRuns: 400, seed: 20_260_101 });
    const answers = await ask(questions);
    expect(answers).toHaveLength(questions.length);
    for (const [index, { zone, fields, last, now }] of questions.entries()) {
      const [minute, hour, dayOfWeek, dayOfMonth, monthOfYear] = fields;
      const spec = crontab({ minute, hour, dayOfWeek, dayOfMonth, monthOfYear, timezone: zone });
      const schedule = openSchedule(spec, { timezone: 'UTC', types: {} });
      const next = schedule.next(last * 1000, 0) as number;
      const { due, next: rest } = answers[index] as Answer;
      const what = `${zone} ${fields.join(' ')} last ${last} now ${now}`;
      expect([what, due]).toEqual([what, next <= now * 1000]);
      const following = due ? (schedule.next(now * 1000, 0) as number) : next;
      expect([what, Math.round(rest)]).toEqual([what, following / 1000 - now]);
    }
  });
});
