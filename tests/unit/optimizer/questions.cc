#include "tests/unit/optimizer/questions.h"

#include <catch2/catch.hpp>

#include "query/algebra/dump.h"
#include "query/native/parser.h"

namespace annals::optimizer {

absl::StatusOr<native::Question> ToQuestion(const std::string& text, const MemoryView& view) {
  const SourceText source(text);
  ANNALS_ASSIGN_OR_RETURN(const std::vector<native::Statement> script, native::ParseScript(source));
  const auto* ask = script.size() == 1 ? std::get_if<native::Ask>(&script[0].node) : nullptr;
  if (ask == nullptr) return InvalidArgument("not one question");
  const native::Prefixes prefixes;
  const native::ParameterValues parameters;
  return native::TranslateQuestion(ask->question, {view, source, prefixes, parameters});
}

algebra::PlanPtr ToPlan(const std::string& text, const MemoryView& view) {
  auto question = ToQuestion(text, view);
  INFO(text << "\n" << question.status());
  REQUIRE(question.ok());
  return std::move(question->plan);
}

Options Only(const MemoryView& view, const std::set<std::string>& passes) {
  Options options{view};
  for (const PassInfo& pass : Passes()) {
    if (!passes.contains(std::string(pass.name))) options.disabled.insert(std::string(pass.name));
  }
  return options;
}

std::string Dump(const algebra::Plan& plan, const MemoryView& view) {
  return algebra::DumpPlan(plan, [&](TermId id) { return DisplayText(view.source().TermOf(id)); });
}

std::string After(const std::set<std::string>& passes, const std::string& text,
                  const MemoryView& view) {
  Report report;
  auto plan = Optimize(ToPlan(text, view), Only(view, passes), &report);
  INFO(text << "\n" << plan.status());
  REQUIRE(plan.ok());
  std::string fired = "fired:";
  for (const std::string_view name : report.fired) fired.append(" ").append(name);
  return fired + "\n" + Dump(**plan, view);
}

}  // namespace annals::optimizer
