import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { Task, type TaskContext } from '@lovage/nestjs';
import { Injectable, Logger } from '@nestjs/common';
import { countExpires, UploadFolder } from '../uploads/upload-folder.js';
import { readText } from './read-text.js';
import { textPart } from './text-part.js';
import { type PartialCount, type WordCount, WordCounter } from './word-counter.js';
import { WordSplitter } from './word-splitter.js';

/** Progress is reported this often in a part of any size. */
const mostReports = 20;
const leastBytesPerReport = 64 * 1024;

/** The words of an upload, counted in parts side by side: `map` for each part, then `reduce` once, which together are a chord. */
@Injectable()
export class WordTasks {
  private readonly logger = new Logger(WordTasks.name);

  constructor(private readonly uploads: UploadFolder) {}

  /**
   * Counts the words of one part of an upload. Upload and counts are named and not sent along: messages are for small values.
   *
   * @param upload name of a file in the folder for uploads
   * @param index of the part, from 0
   * @returns how many words the part has; which ones stands in a file beside the upload
   */
  @Task({ name: 'words.map', bind: true, trackStarted: true, expires: countExpires })
  async map(task: TaskContext, upload: string, index: number, partBytes: number): Promise<number> {
    const path = this.uploads.pathOf(upload);
    await mustBeThere(path);
    const part = await textPart(path, index, partBytes);
    const total = part.to - part.from;
    const bytesPerReport = Math.max(total / mostReports, leastBytesPerReport);
    const splitter = new WordSplitter();
    const counter = new WordCounter();
    let nextReport = bytesPerReport;
    for await (const { text, bytesRead } of readText(path, task.signal, part)) {
      for (const word of splitter.push(text)) counter.add(word);
      if (bytesRead >= nextReport) {
        await task.updateState('PROGRESS', { current: bytesRead, total });
        nextReport = bytesRead + bytesPerReport;
      }
    }
    for (const word of splitter.end()) counter.add(word);
    const count = counter.partial();
    await this.keep(upload, index, count);
    return count.words;
  }

  /**
   * Adds the counts of all parts up. It removes nothing: a worker may die between the last line of a task and the moment at which its
   * result is kept, and then the task is run once more.
   *
   * @param parts what `map` has given for each of them
   */
  @Task({ name: 'words.reduce', trackStarted: true, expires: countExpires })
  async reduce(parts: readonly number[], upload: string): Promise<WordCount> {
    const counter = new WordCounter();
    for (const index of parts.keys()) {
      const text = await readFile(this.uploads.pathOfPart(upload, index), 'utf8');
      counter.addAll(JSON.parse(text) as PartialCount);
    }
    const count = counter.result();
    // The logger adds the name and the id of the task.
    this.logger.log(`${count.words} words counted in ${parts.length} parts`);
    return count;
  }

  /** Removes what nobody needs any more: when the count is there, and when one of the parts could not be counted. */
  @Task({ name: 'words.discard' })
  async discard(upload: string, parts: number): Promise<void> {
    await this.uploads.remove(upload, parts);
  }

  /** Whole or not at all: the part may be counted once more at the same time, when a worker was believed dead. */
  private async keep(upload: string, index: number, count: PartialCount): Promise<void> {
    const draft = this.uploads.newPath();
    await writeFile(draft, JSON.stringify(count));
    await rename(draft, this.uploads.pathOfPart(upload, index));
  }
}

async function mustBeThere(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (cause) {
    throw new Error('the upload is not there any more: please upload the file again', { cause });
  }
}
