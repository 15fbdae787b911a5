/** Why a form was not saved, in the server's words. What is wrong with a field stands beside that field instead. */
import { wrongFields } from '../api/http';
import { Notice } from './notice';

/** @param props.fields the fields that show their own errors, as the server names them. */
export function FormFailure(props: { error: unknown; fields: readonly string[] }) {
  if (props.error === null) return null;
  const wrong = [...wrongFields(props.error).keys()];
  if (wrong.length === 0 || wrong.some((place) => !props.fields.includes(place))) {
    return <Notice error={props.error} />;
  }
  return <Notice tone="bad">Nothing was saved. Correct the marked fields and try again.</Notice>;
}
