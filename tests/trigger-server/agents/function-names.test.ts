/** The names that a language model calls transitions and tools by, as Dograh's own code makes them. */
import {
  toolFunctionName,
  transitionFunctionName,
} from '../../../trigger-server/src/agents/definition/function-names';

test.each([
  ['Next Step', 'next_step'],
  ['Yes!', 'yes_'],
  ['Ja, gerne', 'ja__gerne'],
  ['¿Sí?', '_s__'],
  ['移動', '__'],
  ['a--b', 'a__b'],
  ['Move to "Budget" (v2)', 'move_to__budget___v2_'],
  ['Ünïcode', '_n_code'],
  ['İstanbul', 'i_stanbul'],
  ['2nd call', '2nd_call'],
  ['😀', '_'],
])('R1: the transition %s is the function %s', (label, name) => {
  expect(transitionFunctionName(label)).toBe(name);
});

test.each([
  ['Book Appointment', 'book_appointment'],
  ['  Look-up  CRM! ', 'look_up_crm'],
  ['Größe?', 'gr_e'],
  ['__x__', 'x'],
  ['天気', ''],
])('R2: the tool %s is the function %s', (name, functionName) => {
  expect(toolFunctionName(name)).toBe(functionName);
});
