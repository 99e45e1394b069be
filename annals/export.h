// export: facts into dataset files, and the rows of questions into tables.
#ifndef ANNALS_EXPORT_H_
#define ANNALS_EXPORT_H_

#include "annals/load.h"
#include "annals/question.h"
#include "annals/tell.h"
#include "query/native/ast.h"

namespace annals {

// Writes the file whole or not at all; one that stood there is replaced. Errors are about the
// statement (with a caret), which stands at `span` of the text, or the file.
absl::StatusOr<Told> ExportFile(const native::Export& statement, Span span,
                                const QuestionContext& context, const CheckFunction& check);

}  // namespace annals

#endif  // ANNALS_EXPORT_H_
