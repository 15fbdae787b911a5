/**
 * Where log lines go. Logging never stops a call: a full disk, or a reader that does not read, costs lines, and how
 * many is said as soon as one can be written again.
 */
import { constants, openSync, write, writeSync } from 'node:fs';

export interface LogWriter {
  /** Returns at once. @param line with its line break. */
  write(line: string): void;
  /** Writes what waits, as far as it can be written now: for the end of the process. */
  flush(): void;
}

/** How much may wait for a slow reader, in bytes. What comes on top is dropped. */
const mostWaiting = 4 * 1024 * 1024;
/** How long a full disk or pipe is left alone, in milliseconds. */
const pause = 100;

/** @param path `/dev/stderr`, or a file that lines are added to. */
export function openLogWriter(path: string): LogWriter {
  const fd = openWithoutBlocking(path);
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let dropped = 0;
  let isBusy = false;

  /** Takes what waits, led by the news of what was dropped before it. */
  function takeBatch() {
    const news = dropped === 0 ? [] : [newsOf(dropped)];
    const batch = { bytes: Buffer.concat([...news, ...waiting]), lines: waiting.length, told: dropped };
    waiting = [];
    waitingBytes = 0;
    return batch;
  }

  function writeNext(): void {
    if (isBusy || (waiting.length === 0 && dropped === 0)) return;
    isBusy = true;
    const { bytes, lines, told } = takeBatch();
    writeWhole(bytes, (isWritten) => {
      dropped += isWritten ? -told : lines;
      const goOn = () => {
        isBusy = false;
        writeNext();
      };
      if (isWritten) goOn();
      else setTimeout(goOn, pause).unref();
    });
  }

  function writeWhole(bytes: Buffer, done: (isWritten: boolean) => void): void {
    write(fd, bytes, 0, bytes.length, null, (error, written) => {
      // A pipe that is full for now; a disk that is full may be so for days.
      if (error?.code === 'EAGAIN') setTimeout(writeWhole, pause, bytes, done).unref();
      else if (error !== null) done(false);
      else if (written < bytes.length) writeWhole(bytes.subarray(written), done);
      else done(true);
    });
  }

  return {
    write(line) {
      const bytes = Buffer.from(line);
      if (waitingBytes + bytes.length > mostWaiting) {
        dropped += 1;
        return;
      }
      waiting.push(bytes);
      waitingBytes += bytes.length;
      writeNext();
    },
    flush() {
      try {
        writeSync(fd, takeBatch().bytes);
      } catch {
        // Nobody is left to be told.
      }
    },
  };
}

/**
 * A full pipe must not hold a thread: the process could not end before its reader reads. So the standard error is opened
 * anew; where it cannot be (a socket, a system without such names), it is used as it is.
 */
function openWithoutBlocking(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK);
  } catch {
    return 2;
  }
}

/** In the form of the other lines (pino: level 40 is a warning). The line before it may have been cut off. */
function newsOf(droppedLines: number): Buffer {
  const facts = { level: 40, time: Date.now(), droppedLines, msg: 'log lines could not be written' };
  return Buffer.from(`\n${JSON.stringify(facts)}\n`);
}
