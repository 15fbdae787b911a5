/** The greeting: the field that everybody edits, its variables, and how it will sound with example values. */
import { Empty } from '../../../ui/empty';
import { TextArea, TextField } from '../../../ui/field';
import { Section } from '../../../ui/page';
import type { Editor } from '../editor/use-editor';
import { FaultList } from '../forms/fault-list';
import { exampleOf, withExample } from '../model/example-values';
import { faultOfField, type Faults } from '../model/faults';
import type { NodeSpecs } from '../model/graph-rules';
import { faultOfValue, textOf } from '../model/node-form';
import { useTemplate } from './use-template';
import styles from './greeting.module.css';

export function GreetingView({
  editor,
  specs,
  faults,
}: {
  editor: Editor;
  specs: NodeSpecs;
  faults: Faults;
}) {
  const start = editor.content.definition.nodes.find(({ type }) => type === 'startCall');
  const greeting = textOf(start?.data['greeting']);
  const { testValues } = editor.content;
  const template = useTemplate(greeting, testValues);
  if (start === undefined)
    return (
      <Empty title="No start yet">
        <p>The greeting belongs to the Start Call node. Add one in the outline or on the canvas.</p>
      </Empty>
    );
  const property = specs.get('startCall')?.properties.find(({ name }) => name === 'greeting');
  const own = faults.byNode.get(start.id) ?? [];
  const local = property === undefined ? null : faultOfValue(property, greeting);
  return (
    <div className={styles.columns}>
      <Section title="Greeting">
        <FaultList faults={own.filter(({ field, isWarning }) => field === 'greeting' && isWarning)} />
        <TextArea
          label="What the agent says when the call is answered"
          hint={
            <>
              <code>{'{{name}}'}</code> is filled in with the caller’s value.{' '}
              <code>{'{{name | there}}'}</code> says “there” where a call brings none.
            </>
          }
          placeholder={property?.placeholder ?? undefined}
          rows={7}
          error={faultOfField(own, 'greeting') ?? local ?? undefined}
          value={greeting}
          onChange={({ target }) => editor.setNodeField(start.id, 'greeting', target.value)}
        />
      </Section>
      <Section title="Variables and preview">
        {template.variables.length === 0 ? (
          <p className={styles.soft}>The greeting uses no variables.</p>
        ) : (
          <p className={styles.soft}>
            Example values are for this preview and for test calls. Production calls bring their own.
          </p>
        )}
        {template.variables.map(({ name, fallback }) => (
          <TextField
            key={name}
            label={name}
            hint={
              fallback === null
                ? 'Needed: without a value nothing is said in its place.'
                : `Without a value: “${fallback}”.`
            }
            value={exampleOf(testValues, name)}
            onChange={({ target }) =>
              editor.edit(
                (content) => ({
                  ...content,
                  testValues: withExample(content.testValues, name, target.value),
                }),
                `example ${name}`,
              )
            }
          />
        ))}
        <figure>
          <figcaption className={styles.soft}>The callee hears:</figcaption>
          <blockquote className={styles.preview}>{template.text ?? '…'}</blockquote>
        </figure>
      </Section>
    </div>
  );
}
