import type { DeadlineWheel, Limited } from './deadline-wheel.ts';
import type { Socket } from './socket.ts';

const LINGER_MS = 1000;

/**
 * Waits for the server to close first, so that the port that stays in TIME_WAIT is the server's and not one of the few
 * that this host has. Closes the socket after one second in any case.
 */
export function lingerUntilClosed(socket: Socket, deadlines: DeadlineWheel): void {
  const member: Limited = {
    deadlineTick: deadlines.tick + deadlines.ticks(LINGER_MS),
    wheelIndex: -1,
    overTime: () => socket.destroy(),
  };
  deadlines.add(member);
  socket.onceClosed(() => deadlines.remove(member));
}
