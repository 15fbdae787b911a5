/** The outcome of an unanswered call by its Q.850 cause, for carriers that send its number or its usual name. */
import type { Outcome } from '../port/outcomes';

/**
 * ITU-T Q.850, table 1. The names are those of FreeSWITCH, which carriers use:
 * https://developer.signalwire.com/freeswitch/reference/hangup-causes/. The table leaves out 0, 16 and 31, which do not
 * name the reason of an end, and causes that no carrier was seen to send.
 */
const causes: readonly (readonly [code: number, name: string, outcome: Outcome])[] = [
  [1, 'unallocated_number', 'invalid_number'],
  [2, 'no_route_transit_net', 'unreachable'],
  [3, 'no_route_destination', 'unreachable'],
  [17, 'user_busy', 'busy'],
  [18, 'no_user_response', 'no_answer'],
  [19, 'no_answer', 'no_answer'],
  [20, 'subscriber_absent', 'unavailable'],
  [21, 'call_rejected', 'declined'],
  [22, 'number_changed', 'invalid_number'],
  [26, 'lose_race', 'canceled'],
  [27, 'destination_out_of_order', 'unreachable'],
  [28, 'invalid_number_format', 'invalid_number'],
  [29, 'facility_rejected', 'refused'],
  [34, 'normal_circuit_congestion', 'overloaded'],
  [38, 'network_out_of_order', 'unreachable'],
  [41, 'normal_temporary_failure', 'overloaded'],
  [42, 'switch_congestion', 'overloaded'],
  [44, 'requested_chan_unavail', 'overloaded'],
  [47, 'resource_unavailable', 'overloaded'],
  [52, 'outgoing_call_barred', 'refused'],
  [54, 'incoming_call_barred', 'refused'],
  [57, 'bearercapability_notauth', 'refused'],
  [63, 'service_unavailable', 'overloaded'],
  [102, 'recovery_on_timer_expire', 'unreachable'],
];

export const outcomesByCause: ReadonlyMap<number, Outcome> = new Map(
  causes.map(([code, , outcome]) => [code, outcome]),
);

export const outcomesByCauseName: ReadonlyMap<string, Outcome> = new Map(
  causes.map(([, name, outcome]) => [name, outcome]),
);
