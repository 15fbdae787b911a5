/** Why a form was not saved, in the server's words. What is wrong with a field stands beside that field instead. */
import { wrongFields } from '../api/http';
import { Notice } from './notice';

/** @param props.fields the fields that show their own errors, as the server names them, with all that is inside them. */
export function FormFailure(props: { error: unknown; fields: readonly string[] }) {
  if (props.error === null) return null;
  const wrong = [...wrongFields(props.error).keys()];
  const isShown = (place: string) =>
    props.fields.some((field) => place === field || place.startsWith(`${field}.`));
  if (wrong.length === 0 || !wrong.every(isShown)) return <Notice error={props.error} />;
  return <Notice tone="bad">Nothing was saved. Correct the marked fields and try again.</Notice>;
}
