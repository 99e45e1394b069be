#include "shell/editor.h"

#include <histedit.h>
#include <langinfo.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <utility>

#include "shell/history.h"
#include "shell/interrupt.h"
#include "storage/base/text.h"

namespace annals::shell {
namespace {

// How many candidates are listed at most.
constexpr size_t kMostListed = 60;
constexpr size_t kNarrowTerminal = 80;

void UseUtf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
}

class LibeditEditor : public Editor {
 public:
  explicit LibeditEditor(Completer completer) : completer_(std::move(completer)) {
    UseUtf8();
    out_ = isatty(STDOUT_FILENO) == 1 ? stdout : stderr;
    edit_ = el_init("annals", stdin, out_, stderr);
    el_set(edit_, EL_CLIENTDATA, this);
    el_set(edit_, EL_PROMPT, &LibeditEditor::Prompt);
    el_set(edit_, EL_EDITOR, "emacs");
    // Signals are ours: libedit's own handlers would send them to the whole process group again.
    el_set(edit_, EL_SIGNAL, 0);
    el_set(edit_, EL_GETCFN, &LibeditEditor::GetCharacter);
    HistEvent event;
    history_ = history_init();
    history(history_, &event, H_SETSIZE, static_cast<int>(kHistoryEntries));
    history(history_, &event, H_SETUNIQUE, 1);
    el_set(edit_, EL_HIST, history, history_);
    // In wide characters: libedit copies narrow names and never frees the copies.
    el_wset(edit_, EL_ADDFN, L"annals-complete", L"Complete the word",
            &LibeditEditor::CompleteWord);
    el_set(edit_, EL_BIND, "^I", "annals-complete", nullptr);
    el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    // libedit lists files at Ctrl-D within a line; deleting is what is expected.
    el_set(edit_, EL_BIND, "^D", "ed-delete-next-char", nullptr);
    el_source(edit_, nullptr);
  }
  ~LibeditEditor() override {
    history_end(history_);
    el_end(edit_);
  }

  Line Read(std::string_view prompt) override {
    prompt_ = prompt;
    // Before the prompt is shown, not after: what is typed at once would meet a cooked terminal.
    el_set(edit_, EL_PREP_TERM, 1);
    int length = 0;
    const char* text = el_gets(edit_, &length);
    if (text == nullptr || length <= 0) {
      std::fputs(Interrupted() ? "^C\n" : "\n", out_);
      std::fflush(out_);
      return {Interrupted() ? Line::Kind::kInterrupted : Line::Kind::kEnd, ""};
    }
    std::string line(text, static_cast<size_t>(length));
    while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
    return {Line::Kind::kText, std::move(line)};
  }

  void Remember(std::string_view entry) override {
    HistEvent event;
    history(history_, &event, H_ENTER, std::string(entry).c_str());
  }

 private:
  static LibeditEditor& Of(EditLine* edit) {
    void* self = nullptr;
    el_get(edit, EL_CLIENTDATA, &self);
    return *static_cast<LibeditEditor*>(self);
  }
  static char* Prompt(EditLine* edit) { return Of(edit).prompt_.data(); }

  // One character of UTF-8; bytes that are none are dropped. 0 at the end, -1 with errno.
  static int GetCharacter(EditLine* edit, wchar_t* character) {
    std::mbstate_t state = {};
    while (true) {
      if (!WaitReadable(STDIN_FILENO)) {
        if (ShouldStop()) {
          errno = EINTR;
          return -1;
        }
        if (TakeScreenChange()) ShowAgain(edit);
        continue;
      }
      char byte = 0;
      const ssize_t n = ::read(STDIN_FILENO, &byte, 1);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return static_cast<int>(n);
      const size_t used = std::mbrtowc(character, &byte, 1, &state);
      if (used == static_cast<size_t>(-2)) continue;
      if (used == static_cast<size_t>(-1)) {
        state = {};
        continue;
      }
      if (byte == '\x04' && AtStart(edit)) return 0;
      return 1;
    }
  }

  static bool AtStart(EditLine* edit) {
    const LineInfo* line = el_line(edit);
    return line->lastchar == line->buffer;
  }

  // After a change of size, or when the process was stopped and its terminal used by another.
  static void ShowAgain(EditLine* edit) {
    el_resize(edit);
    el_set(edit, EL_PREP_TERM, 1);
    el_set(edit, EL_REFRESH);
  }

  static unsigned char CompleteWord(EditLine* edit, int) {
    LibeditEditor& self = Of(edit);
    const LineInfo* line = el_line(edit);
    const std::string before(line->buffer, line->cursor);
    const Completion completion = self.completer_(before);
    if (completion.candidates.empty()) return CC_REFRESH_BEEP;
    const std::string replaced = before.substr(before.size() - completion.replaced);
    const std::string common = CommonPrefix(completion.candidates);
    // Candidates found by another spelling don't begin as what was typed.
    const bool longer = common.size() > replaced.size() ||
                        (completion.candidates.size() == 1 && common != replaced);
    if (longer) {
      el_deletestr(edit, static_cast<int>(CountCodePoints(replaced)));
      el_insertstr(edit, common.c_str());
      return CC_REFRESH;
    }
    if (completion.candidates.size() == 1) return CC_REFRESH_BEEP;
    self.List(completion.candidates);
    return CC_REDISPLAY;
  }

  // In columns, as many as fit.
  void List(const std::vector<std::string>& candidates) const {
    std::vector<std::string> shown;
    size_t widest = 0;
    for (const std::string& candidate : candidates) {
      if (shown.size() == kMostListed) break;
      shown.push_back(EscapeForDisplay(candidate));
      widest = std::max(widest, DisplayWidth(shown.back()));
    }
    const size_t columns = std::max<size_t>(1, kNarrowTerminal / (widest + 2));
    std::string text = "\n";
    for (size_t i = 0; i < shown.size(); ++i) {
      const bool last = i + 1 == shown.size() || (i + 1) % columns == 0;
      text += shown[i];
      text += last ? "\n" : std::string(widest + 2 - DisplayWidth(shown[i]), ' ');
    }
    if (candidates.size() > shown.size()) text += "and more\n";
    std::fputs(text.c_str(), out_);
    std::fflush(out_);
  }

  Completer completer_;
  std::string prompt_;
  FILE* out_ = nullptr;
  EditLine* edit_ = nullptr;
  History* history_ = nullptr;
};

}  // namespace

std::unique_ptr<Editor> MakeEditor(Editor::Completer completer) {
  return std::make_unique<LibeditEditor>(std::move(completer));
}

}  // namespace annals::shell
