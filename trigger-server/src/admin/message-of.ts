/** Turns the problems of the API into errors for the operator. */
import { Problem } from '../problem';

/** @throws Error with the text of a problem that `work` throws. */
export async function messageOf<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { detail } = error;
    const text = Array.isArray(detail) ? detail.map(({ msg }) => msg).join('; ') : error.message;
    throw new Error(`${text}.`, { cause: error });
  }
}
