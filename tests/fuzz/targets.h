// What is fuzzed: everything that reads bytes from outside. The fuzzers run these functions on what
// libFuzzer makes up, run_seeds on the files in seeds/.
//
// Each takes any bytes; a broken promise ends the process with a message. Those from ReadCsv to
// DecodeCounters read from memory and need no store: the linker leaves the engine out of their
// fuzzers, so that these run many inputs a second. The others do all that a load or a question
// does.
#ifndef TESTS_FUZZ_TARGETS_H_
#define TESTS_FUZZ_TARGETS_H_

#include <string_view>

#include "datasets/io/dataset_file.h"

namespace annals::fuzz {

// Reads them with what `make` makes.
void ReadDataset(decltype(datasets::DatasetFormat::make) make, std::string_view bytes);

inline void ReadCsv(std::string_view bytes) { ReadDataset(&datasets::MakeCsvFile, bytes); }
inline void ReadTsv(std::string_view bytes) { ReadDataset(&datasets::MakeTsvFile, bytes); }
inline void ReadJsonLines(std::string_view bytes) {
  ReadDataset(&datasets::MakeJsonLinesFile, bytes);
}
inline void ReadAnnals(std::string_view bytes) { ReadDataset(&datasets::MakeAnnalsFile, bytes); }
inline void ReadNTriples(std::string_view bytes) {
  ReadDataset(&datasets::MakeNTriplesFile, bytes);
}
inline void ReadNQuads(std::string_view bytes) { ReadDataset(&datasets::MakeNQuadsFile, bytes); }
inline void ReadTurtle(std::string_view bytes) { ReadDataset(&datasets::MakeTurtleFile, bytes); }
inline void ReadTrig(std::string_view bytes) { ReadDataset(&datasets::MakeTrigFile, bytes); }

// The bytes follow those that such files begin with.
void DecompressGzip(std::string_view bytes);
void DecompressZstd(std::string_view bytes);

// Parses all statements.
void ParseQuery(std::string_view bytes);

// The first byte gives the columns.
void DecodeBlock(std::string_view bytes);
void DecodeStrings(std::string_view bytes);
// The first byte gives the kind.
void DecodeTerms(std::string_view bytes);
// The counters of a store and of a predicate.
void DecodeCounters(std::string_view bytes);

// Load them in a transaction, a second time over, and take all back.
void LoadCsv(std::string_view bytes);
void LoadTsv(std::string_view bytes);
void LoadJsonLines(std::string_view bytes);
void LoadAnnals(std::string_view bytes);
void LoadNTriples(std::string_view bytes);
void LoadNQuads(std::string_view bytes);
void LoadTurtle(std::string_view bytes);
void LoadTrig(std::string_view bytes);

// Translates and plans the question.
void ExplainQuery(std::string_view bytes);

}  // namespace annals::fuzz

#endif  // TESTS_FUZZ_TARGETS_H_
