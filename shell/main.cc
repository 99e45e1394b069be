// The program: options, the database, the session, then the shell, and what it exits with.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>

#include "annals/annals.h"
#include "shell/exit_code.h"
#include "shell/interrupt.h"
#include "shell/messages.h"
#include "shell/options.h"
#include "shell/output.h"
#include "shell/shell.h"
#include "storage/base/status.h"

namespace annals::shell {
namespace {

int Fail(const absl::Status& status) {
  SayError(status);
  return ExitCodeOf(status);
}

// Unless statements are read from it.
bool MayLoadStandardInput(const Options& options) {
  return !options.tasks.empty() &&
         std::none_of(options.tasks.begin(), options.tasks.end(), [](const Task& task) {
           return task.kind == Task::Kind::kFile && task.text == "-";
         });
}

int RunTasks(const Options& options, Shell& shell) {
  if (!options.tasks.empty()) {
    for (const Task& task : options.tasks) {
      if (shell.stopped()) break;
      if (task.kind == Task::Kind::kFile) {
        shell.RunFile(task.text);
      } else {
        shell.RunScript(task.text, "");
      }
    }
  } else if (isatty(STDIN_FILENO) == 1) {
    shell.RunTerminal();
  } else {
    shell.RunFile("-");
  }
  shell.Finish();
  return shell.exit_code();
}

int Run(int argc, const char* const* argv) {
  const absl::StatusOr<Options> options = ParseOptions(argc, argv);
  if (!options.ok()) return Fail(options.status());
  Output out(STDOUT_FILENO);
  if (options->print.has_value()) {
    out << *options->print << '\n';
    const absl::Status written = out.Finish();
    return written.ok() || out.closed() ? static_cast<int>(kOk) : Fail(written);
  }
  InstallSignalHandlers(options->tasks.empty() && isatty(STDIN_FILENO) == 1);
  DatabaseOptions database_options;
  database_options.read_only = options->read_only;
  // The cache of blocks is a small part of what memory is limited to.
  if (const std::optional<uint64_t> most = options->limits.memory_bytes) {
    database_options.cache_bytes = std::min(database_options.cache_bytes, *most / 16);
  }
  const auto database = Database::Open(options->database, database_options);
  if (!database.ok()) return Fail(database.status());
  const std::unique_ptr<Session> session = (*database)->NewSession();
  session->SetLimits(options->limits);
  session->AllowStandardInput(MayLoadStandardInput(*options));
  SetInterruptTarget(session.get());
  Shell shell(**database, *session, options->settings, out);
  const int code = RunTasks(*options, shell);
  SetInterruptTarget(nullptr);
  return code;
}

}  // namespace
}  // namespace annals::shell

int main(int argc, char** argv) {
  try {
    return annals::shell::Run(argc, argv);
  } catch (const std::bad_alloc&) {
    return annals::shell::Fail(annals::ResourceExhausted("there is not enough memory"));
  } catch (const std::system_error& error) {
    // RocksDB begins threads of its own.
    if (error.code() == std::errc::resource_unavailable_try_again) {
      return annals::shell::Fail(
          annals::ResourceExhausted("the system gives no thread more, or no memory for one"));
    }
    return annals::shell::Fail(
        annals::Internal(std::string("a defect of Annals: ") + error.what()));
  } catch (const std::exception& error) {
    return annals::shell::Fail(
        annals::Internal(std::string("a defect of Annals: ") + error.what()));
  }
}
