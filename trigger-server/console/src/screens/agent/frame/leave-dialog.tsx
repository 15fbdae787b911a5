import { Button } from '../../../ui/button';
import { Dialog, DialogActions } from '../../../ui/dialog';
import { useLeaveGuard } from '../editor/use-leave-guard';

export function LeaveDialog({ isDirty }: { isDirty: boolean }) {
  const guard = useLeaveGuard(isDirty);
  if (guard.wanted === null) return null;
  return (
    <Dialog title="Leave without saving?" onClose={guard.stay}>
      <p>Your changes to this agent are not saved. They are lost when you leave.</p>
      <DialogActions>
        <Button onClick={guard.stay}>Stay here</Button>
        <Button kind="danger" onClick={guard.leave}>
          Leave and lose the changes
        </Button>
      </DialogActions>
    </Dialog>
  );
}
