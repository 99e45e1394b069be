// Signals: Ctrl-C stops the statement that runs, SIGTERM and SIGHUP close the shell cleanly, a
// closed pipe is an error of writing and no death.
//
// One shell a process; all of this is called from the main thread.
#ifndef SHELL_INTERRUPT_H_
#define SHELL_INTERRUPT_H_

namespace annals {
class Session;
}

namespace annals::shell {

// From now on SIGINT, SIGTERM and SIGHUP cancel the target's statement and are remembered. At a
// terminal SIGINT does so as often as it comes; elsewhere a second one, like a second SIGTERM,
// ends the process at once, which the database survives as it does a crash.
void InstallSignalHandlers(bool at_terminal);

// The session whose statement signals cancel; null before it is destroyed.
void SetInterruptTarget(Session* session);

// Has a SIGINT come since ClearInterrupt?
bool Interrupted();
void ClearInterrupt();
// SIGTERM or SIGHUP once one has come, else 0.
int TerminationSignal();
// Either of them: whatever is being done should end.
bool ShouldStop();
// Has the terminal's size changed, or was the process continued, since the last call?
bool TakeScreenChange();

// Waits until `fd` has something to read (or is at its end). False when a signal came instead, or
// had come before, that Interrupted, TerminationSignal or TakeScreenChange will tell of.
bool WaitReadable(int fd);

}  // namespace annals::shell

#endif  // SHELL_INTERRUPT_H_
