// Writers of dataset files: what one writes, the reader of the same format reads back as the same
// facts.
#ifndef DATASETS_IO_FACT_WRITER_H_
#define DATASETS_IO_FACT_WRITER_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datasets/io/output.h"
#include "storage/base/status.h"
#include "storage/model/term.h"

namespace annals::datasets {

// A fact as one source tells it.
struct WrittenFact {
  Term subject, predicate, object;
  Term time, source;  // undefined where there is none
  std::vector<std::pair<Term, Term>> qualifiers;
};

class FactWriter {
 public:
  virtual ~FactWriter() = default;
  virtual absl::Status Write(const WrittenFact& fact) = 0;
  virtual absl::Status Finish() { return absl::OkStatus(); }
  // Facts that the format can't hold as they are: reading them back gives something else.
  virtual uint64_t changed() const { return 0; }
  // Facts, whatever their sources, that it can't hold at all and has not written.
  virtual uint64_t left_out() const { return 0; }
  // Qualifiers that it can't hold and has not written: by name, of how many facts, whatever their
  // sources.
  virtual std::map<std::string, uint64_t> lost_qualifiers() const { return {}; }
};

struct FactWriterOptions {
  std::string base_iri;           // names are IRIs below it
  std::vector<std::string> keys;  // of the qualifiers that there are, for tables
};

// By the format's name, as in DatasetFormats(). `output` outlives the writer.
std::unique_ptr<FactWriter> MakeFactWriter(std::string_view format, Output& output,
                                           const FactWriterOptions& options);

std::unique_ptr<FactWriter> MakeTableWriter(char separator, Output& output,
                                            const FactWriterOptions& options);
std::unique_ptr<FactWriter> MakeRdfWriter(std::string_view format, Output& output,
                                          const FactWriterOptions& options);

}  // namespace annals::datasets

#endif  // DATASETS_IO_FACT_WRITER_H_
