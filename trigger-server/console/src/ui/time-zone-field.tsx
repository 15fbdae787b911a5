/** A time zone of the IANA database, typed or chosen from a list. The server judges it. */
import { useId, type ComponentProps } from 'react';
import { TextField } from './field';

const timeZones = Intl.supportedValuesOf('timeZone');

export function TimeZoneField(props: Omit<ComponentProps<typeof TextField>, 'list'>) {
  const zones = useId();
  return (
    <>
      <TextField {...props} list={zones} />
      <datalist id={zones}>
        {timeZones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}
