/** A dialog with a form: its fields, why it was not saved, and the two buttons at its end. */
import type { ReactNode } from 'react';
import { Button } from './button';
import { Dialog, DialogActions } from './dialog';
import { Form } from './field';
import { FormFailure } from './form-failure';

export function DialogForm(props: {
  title: string;
  /** The button that sends it: "Add the subscription". */
  action: string;
  pending: boolean;
  /** Why it was not saved; null while nothing failed. */
  error: unknown;
  /** The fields that show their own errors, as in {@link FormFailure}. */
  fields: readonly string[];
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <Form onSubmit={props.onSubmit}>
        {props.children}
        <FormFailure error={props.error} fields={props.fields} />
        <DialogActions>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button type="submit" kind="primary" pending={props.pending}>
            {props.action}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
