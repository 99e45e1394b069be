#include "shell/interrupt.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "annals/annals.h"
#include "shell/exit_code.h"

namespace annals::shell {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT};

std::atomic<Session*> g_target{nullptr};
std::atomic<bool> g_interrupted{false};
std::atomic<int> g_termination{0};
std::atomic<bool> g_screen_changed{false};
std::atomic<bool> g_at_terminal{false};
pthread_t g_main_thread;

static_assert(std::atomic<Session*>::is_always_lock_free, "a signal handler must not lock");

void Cancel() {
  if (Session* session = g_target.load()) session->Cancel();
}

void Handle(int signal) {
  const int saved_errno = errno;
  if (!pthread_equal(pthread_self(), g_main_thread)) {
    // The storage's threads get signals too; waiting is what the main thread does.
    pthread_kill(g_main_thread, signal);
    errno = saved_errno;
    return;
  }
  if (signal == SIGWINCH || signal == SIGCONT) {
    g_screen_changed = true;
  } else if (signal == SIGINT) {
    if (g_interrupted.exchange(true) && !g_at_terminal) _exit(kInterrupted);
    Cancel();
  } else {
    if (g_termination.exchange(signal) != 0) _exit(kSignalled + signal);
    Cancel();
  }
  errno = saved_errno;
}

}  // namespace

void InstallSignalHandlers(bool at_terminal) {
  g_main_thread = pthread_self();
  g_at_terminal = at_terminal;
  struct sigaction action = {};
  action.sa_handler = Handle;
  // Restarted, so that no read or write of the storage fails with EINTR; ppoll never is.
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int signal : kSignals) {
    struct sigaction before = {};
    sigaction(signal, nullptr, &before);
    // nohup and background jobs of a script have asked to be left alone.
    if (before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
  // Writing fails instead, with an error that is told.
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

void SetInterruptTarget(Session* session) { g_target = session; }

bool Interrupted() { return g_interrupted; }
void ClearInterrupt() { g_interrupted = false; }
int TerminationSignal() { return g_termination; }
bool ShouldStop() { return Interrupted() || TerminationSignal() != 0; }
bool TakeScreenChange() { return g_screen_changed.exchange(false); }

bool WaitReadable(int fd) {
  // Blocked between the look at the flags and ppoll, or a signal in between would go unnoticed.
  sigset_t ours, before;
  sigemptyset(&ours);
  for (int signal : kSignals) sigaddset(&ours, signal);
  pthread_sigmask(SIG_BLOCK, &ours, &before);
  bool readable = false;
  if (!ShouldStop() && !g_screen_changed) {
    pollfd waited{fd, POLLIN, 0};
    const int ready = ppoll(&waited, 1, nullptr, &before);
    readable = ready > 0 || (ready < 0 && errno != EINTR);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return readable;
}

}  // namespace annals::shell
