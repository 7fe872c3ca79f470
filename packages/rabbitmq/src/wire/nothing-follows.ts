/** How nearly every body of Celery's protocol ends, as JSON. */
const tail = Buffer.from('{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]');

/** Whether the body says that a task has neither callbacks nor a place in a chain or chord. Of those in doubt it is not said. */
export const nothingFollows = (body: Buffer): boolean =>
  body.length > tail.length && body.compare(tail, 0, tail.length, body.length - tail.length) === 0;
