// One install at a time. The lock is a file that names the processes which hold it; it counts for nothing once they are dead.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isAlive } from './process-identity.mjs';

const pollMs = 200;

export class InstallLock {
  #file;

  constructor(file) {
    this.#file = file;
  }

  /** @param onWait called once, with the process waited for, when the lock is not free */
  async acquire(onWait) {
    for (let told = false; !this.#take(); ) {
      const holders = this.holders();
      const alive = holders?.filter(isAlive) ?? [];
      if (holders !== undefined && alive.length === 0) {
        this.#discard(holders);
        continue;
      }
      if (!told && alive.length > 0) {
        onWait(alive.at(-1).split('@')[0]);
        told = true;
      }
      await sleep(pollMs);
    }
  }

  /** The lock now also lasts as long as that child, should we die before it. */
  shareWith(childPid) {
    const draft = this.#draft([identityOf(process.pid), identityOf(childPid)]);
    renameSync(draft, this.#file);
  }

  release() {
    rmSync(this.#file, { force: true });
  }

  #take() {
    const draft = this.#draft([identityOf(process.pid)]);
    try {
      // Unlike opening with O_EXCL, this makes the file appear with its content.
      linkSync(draft, this.#file);
      return true;
    } catch (error) {
      if (error.code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** Identities of those who hold it; undefined: nobody. */
  holders(file = this.#file) {
    try {
      return readFileSync(file, 'utf8').trim().split('\n');
    } catch (error) {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Takes the lock of the dead away; if somebody else was faster and holds it by now, gives it back. */
  #discard(dead) {
    const aside = `${this.#file}.${process.pid}.dead`;
    try {
      renameSync(this.#file, aside);
    } catch (error) {
      if (error.code === 'ENOENT') return;
      throw error;
    }
    if (this.holders(aside)?.join() === dead.join()) {
      rmSync(aside, { force: true });
    } else {
      renameSync(aside, this.#file);
    }
  }

  #draft(holders) {
    const draft = `${this.#file}.${process.pid}.draft`;
    writeFileSync(draft, `${holders.join('\n')}\n`);
    return draft;
  }
}
