import { stat } from 'node:fs/promises';
import { isLovageError, Task, type TaskContext } from '@lovage/nestjs';
import { Injectable, Logger } from '@nestjs/common';
import { countExpires, UploadFolder } from '../uploads/upload-folder.js';
import { readText } from './read-text.js';
import { type WordCount, WordCounter } from './word-counter.js';
import { WordSplitter } from './word-splitter.js';

/** Progress is reported this often in a file of any size. */
const mostReports = 50;
const leastBytesPerReport = 64 * 1024;

@Injectable()
export class WordTasks {
  private readonly logger = new Logger(WordTasks.name);

  constructor(private readonly uploads: UploadFolder) {}

  /**
   * Counts the words of an upload, which is named and not sent along: messages are for small values.
   *
   * @param upload name of a file in the folder for uploads
   */
  @Task({ name: 'words.count', bind: true, trackStarted: true, expires: countExpires })
  async count(task: TaskContext, upload: string): Promise<WordCount> {
    try {
      const count = await this.countFile(task, upload);
      // The logger adds the name and the id of the task.
      this.logger.log(`${count.words} words counted`);
      return count;
    } finally {
      // A run that was cut because the worker stops is not the last one: the next one needs the file.
      if (!willRunAgain(task)) await this.uploads.remove(upload);
    }
  }

  private async countFile(task: TaskContext, upload: string): Promise<WordCount> {
    const path = this.uploads.pathOf(upload);
    const total = await sizeOf(path);
    const bytesPerReport = Math.max(total / mostReports, leastBytesPerReport);
    const splitter = new WordSplitter();
    const counter = new WordCounter();
    let nextReport = bytesPerReport;
    for await (const { text, bytesRead } of readText(path, task.signal)) {
      for (const word of splitter.push(text)) counter.add(word);
      if (bytesRead >= nextReport) {
        await task.updateState('PROGRESS', { current: bytesRead, total });
        nextReport = bytesRead + bytesPerReport;
      }
    }
    for (const word of splitter.end()) counter.add(word);
    return counter.result();
  }
}

function willRunAgain({ signal }: TaskContext): boolean {
  return signal.aborted && !isLovageError(signal.reason, 'LOVAGE_TASK_TERMINATED');
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    throw new Error('the upload is not there any more: please upload the file again', { cause });
  }
}
