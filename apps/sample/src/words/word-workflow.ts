import { chord, GroupResult, InjectTasks, type Tasks } from '@lovage/nestjs';
import { Injectable } from '@nestjs/common';
import { WordTasks } from './word.tasks.js';

/** Size of a part, in bytes. */
const partBytes = 4 * 1024 * 1024;

/** The counting of an upload as it was sent. */
export interface SentCount {
  /** Of the task that ends with the count. */
  readonly id: string;
  /** Of the group of the tasks that count the parts. */
  readonly group: string;
}

@Injectable()
export class WordWorkflow {
  constructor(@InjectTasks(WordTasks) private readonly words: Tasks<WordTasks>) {}

  /**
   * @param upload name of a file in the folder for uploads
   * @param size of the file, in bytes
   */
  async send(upload: string, size: number): Promise<SentCount> {
    const { map, reduce, discard } = this.words;
    const parts = Math.max(1, Math.ceil(size / partBytes));
    const header = Array.from({ length: parts }, (_, index) => map.s(upload, index, partBytes));
    const cleanUp = discard.si(upload, parts);
    const body = reduce.s(upload).link(cleanUp).linkError(cleanUp);
    const result = await chord(header, body).delay();
    const group = result.parent;
    if (!(group instanceof GroupResult)) throw new Error('a chord has a group before its body');
    // Whoever draws the picture may be asking another process.
    await group.save();
    return { id: result.id, group: group.id };
  }
}
