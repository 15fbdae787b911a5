/** What became of a file that was added to a do-not-call list. */
import * as z from 'zod';

/** As many of the skipped rows are named. */
export const mostSkippedRows = 1000;

const count = z.int().nonnegative();

export const doNotCallImport = z
  .object({
    rows: count.meta({ description: 'Rows with any text, without the first one if it names the columns.' }),
    added: count.meta({ description: 'Numbers that were not on the list.' }),
    prolonged: count.meta({ description: 'Numbers whose entry lasts longer now.' }),
    unchanged: count.meta({
      description: 'Numbers whose entry lasts as long already, and repeated ones of the file.',
    }),
    skipped: count.meta({ description: 'Rows of which nothing was added.' }),
    skipped_rows: z
      .array(
        z.object({
          line: z.int().meta({ description: 'The first line of the row in the file, counted from 1.' }),
          reason: z.string().meta({ example: 'The row has no phone number.' }),
        }),
      )
      .meta({ description: `The first ${mostSkippedRows.toLocaleString('en')} skipped rows, and why.` }),
    ignored_columns: z
      .array(z.string())
      .meta({ description: 'Names of columns that did nothing: 20 at most, shortened.' }),
  })
  .meta({ id: 'DoNotCallImport' });
export type DoNotCallImport = z.infer<typeof doNotCallImport>;
