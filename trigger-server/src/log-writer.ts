/**
 * Writes log lines without ever blocking a call. With a full disk or a stalled reader, lines are dropped; their number
 * is logged as soon as writing works again.
 */
import { constants, openSync, write, writeSync } from 'node:fs';

export interface LogWriter {
  /** Returns at once. @param line including its line break. */
  write(line: string): void;
  /** Writes as much of the waiting lines as possible before the process ends. */
  flush(): void;
}

/** How many bytes may wait for a slow reader. Further lines are dropped. */
const mostWaiting = 4 * 1024 * 1024;
/** The pause before the next attempt to write to a full disk or pipe, in milliseconds. */
const pause = 100;

/** @param path `/dev/stderr`, or a file to append to. */
export function openLogWriter(path: string): LogWriter {
  const fd = openWithoutBlocking(path);
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let dropped = 0;
  let isBusy = false;

  /** Takes the waiting lines, preceded by a note about dropped ones. */
  function takeBatch() {
    const note = dropped === 0 ? [] : [droppedNote(dropped)];
    const batch = { bytes: Buffer.concat([...note, ...waiting]), lines: waiting.length, reported: dropped };
    waiting = [];
    waitingBytes = 0;
    return batch;
  }

  function writeNext(): void {
    if (isBusy || (waiting.length === 0 && dropped === 0)) return;
    isBusy = true;
    const { bytes, lines, reported } = takeBatch();
    writeWhole(bytes, (isWritten) => {
      dropped += isWritten ? -reported : lines;
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
      // A full pipe is tried again, but a disk may stay full for days.
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
        // There is nobody to report it to.
      }
    },
  };
}

/**
 * A blocking write to a full pipe would hold a thread, and the process could not end before the reader continues. So
 * standard error is opened again as non-blocking. Where that is impossible (a socket, or no such path), it is used as
 * it is.
 */
function openWithoutBlocking(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK);
  } catch {
    return 2;
  }
}

/**
 * A line in pino's form (level 40 is a warning). It begins with a line break, because the line before may be
 * incomplete.
 */
function droppedNote(droppedLines: number): Buffer {
  const record = { level: 40, time: Date.now(), droppedLines, msg: 'log lines could not be written' };
  return Buffer.from(`\n${JSON.stringify(record)}\n`);
}
