/** Objects that an agent's nodes may refer to: documents and recordings. */
import * as z from 'zod';
import { jsonObject } from './json';

export const documentPage = z
  .object({ documents: z.array(jsonObject), total: z.int(), limit: z.int(), offset: z.int() })
  .meta({ id: 'DocumentPage' });

export const recordingList = z
  .object({ recordings: z.array(jsonObject), total: z.int() })
  .meta({ id: 'RecordingList' });
