import { awaitingApproval, requestingApproval, resumingApproval } from './approval.ts';
import { checking, checkingIn, extending, waitingGone } from './checking.ts';
import { fetching, waitingOut } from './collecting.ts';
import type { Done, Operation, State } from './operation.ts';
import { ambiguous, posting } from './posting.ts';
import { steppingUp } from './step-up.ts';

/** From the first look at the list to credentials, or to the reason why there are none. */
export const checkOut = async <T>(op: Operation<T>): Promise<Done<T>> => {
  let state: State<T> = { at: 'checking' };
  while (state.at !== 'done') state = await step(op, state);
  return state;
};

const step = <T>(op: Operation<T>, state: Exclude<State<T>, { at: 'done' }>): Promise<State<T>> => {
  switch (state.at) {
    case 'checking':
      return checking(op);
    case 'extending':
      return extending(op, state.row);
    case 'checking-in':
      return checkingIn(op, state.row);
    case 'waiting-gone':
      return waitingGone(op);
    case 'posting':
      return posting(op);
    case 'ambiguous':
      return ambiguous(op, state.detail);
    case 'stepping-up':
      return steppingUp(op);
    case 'requesting-approval':
      return requestingApproval(op);
    case 'resuming-approval':
      return resumingApproval(op, state.isOurs);
    case 'awaiting-approval':
      return awaitingApproval(op, state);
    case 'waiting-out':
      return waitingOut(op, state.transaction);
    case 'fetching':
      return fetching(op, state.row);
  }
};
