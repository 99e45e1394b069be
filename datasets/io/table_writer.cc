// Facts as a table: .csv and .tsv.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "datasets/io/columns.h"
#include "datasets/io/fact_writer.h"
#include "query/results/csv_field.h"

namespace annals::datasets {
namespace {

constexpr std::array<std::string_view, 5> kColumns = {"subject", "predicate", "object", "time",
                                                      "source"};

// Can a qualifier have a column of this name?
bool CanBeColumn(const std::string& key, char separator) {
  if (separator == '\t' && key.find_first_of("\t\n\r") != std::string::npos) return false;
  return !key.empty() && RoleOfColumn(key) == ColumnRole::kQualifier;
}

class TableWriter : public FactWriter {
 public:
  TableWriter(Output& output, char separator, std::vector<std::string> keys)
      : output_(output), separator_(separator), keys_(std::move(keys)) {
    std::erase_if(keys_, [&](const std::string& key) { return !CanBeColumn(key, separator); });
    keys_.resize(std::min(keys_.size(), FactColumns::kMost - kColumns.size()));
    for (size_t i = 0; i < keys_.size(); ++i) places_.emplace(keys_[i], i);
  }

  absl::Status Write(const WrittenFact& fact) override {
    ANNALS_RETURN_IF_ERROR(Header());
    faithful_ = fact.source.is_undefined() || fact.source.As<Name>() != nullptr;
    std::optional<std::string> object = ValueField(fact.object);
    if (!object.has_value()) {
      left_out_.Count(fact);
      return absl::OkStatus();
    }
    const std::vector<std::string> fields = {NameField(fact.subject), NameField(fact.predicate),
                                             *std::move(object), DisplayText(fact.time),
                                             DisplayText(fact.source)};
    // A field holds one value: further ones go to rows of the same fact.
    std::vector<Qualifier> left = TakeQualifiers(fact);
    do {
      std::vector<std::string> row = fields;
      row.resize(fields.size() + keys_.size());
      std::vector<Qualifier> later;
      for (Qualifier& qualifier : left) {
        std::string& field = row[fields.size() + qualifier.place];
        if (field.empty()) {
          field = std::move(qualifier.value);
        } else {
          later.push_back(std::move(qualifier));
        }
      }
      left = std::move(later);
      ANNALS_RETURN_IF_ERROR(Row(row));
    } while (!left.empty());
    if (!faithful_) ++changed_;
    return absl::OkStatus();
  }

  absl::Status Finish() override { return Header(); }
  uint64_t changed() const override { return changed_; }
  uint64_t left_out() const override { return left_out_.facts; }
  std::map<std::string, uint64_t> lost_qualifiers() const override {
    std::map<std::string, uint64_t> lost;
    for (const auto& [key, counter] : lost_) lost.emplace(key, counter.facts);
    return lost;
  }

 private:
  // Counts facts, of which the sources follow each other.
  struct Counter {
    uint64_t facts = 0;
    std::array<Term, 4> last = {};

    void Count(const WrittenFact& fact) {
      std::array<Term, 4> spot = {fact.subject, fact.predicate, fact.object, fact.time};
      facts += facts == 0 || spot != last;
      last = std::move(spot);
    }
  };

  struct Qualifier {
    size_t place;  // of its key
    std::string value;
  };

  // The qualifiers of a fact that the table can hold.
  std::vector<Qualifier> TakeQualifiers(const WrittenFact& fact) {
    std::vector<Qualifier> taken;
    for (const auto& [key, value] : fact.qualifiers) {
      const std::string name = DisplayText(key);
      const auto place = key.As<Name>() != nullptr ? places_.find(name) : places_.end();
      std::optional<std::string> field;
      if (place != places_.end()) field = ValueField(value);
      if (field.has_value()) {
        taken.push_back({place->second, *std::move(field)});
      } else {
        lost_[name].Count(fact);
      }
    }
    return taken;
  }

  absl::Status Header() {
    if (std::exchange(begun_, true)) return absl::OkStatus();
    std::vector<std::string> names(kColumns.begin(), kColumns.end());
    names.insert(names.end(), keys_.begin(), keys_.end());
    return Row(names);
  }

  std::string NameField(const Term& term) {
    faithful_ = faithful_ && term.As<Name>() != nullptr;
    return DisplayText(term);
  }

  // Nothing if it can't stand in an object's or a qualifier's column: no row is read that lacks its
  // object, an empty field is no qualifier, and what looks like a time and is none is a fault.
  std::optional<std::string> ValueField(const Term& term) {
    std::string text = DisplayText(term);
    const absl::StatusOr<Term> read = FieldTerm(text);
    if (text.empty() || !read.ok()) return std::nullopt;
    faithful_ = faithful_ && *read == term;
    return text;
  }

  absl::Status Row(const std::vector<std::string>& fields) {
    std::string line;
    for (size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) line += separator_;
      Append(fields[i], &line);
    }
    return output_.Write(line + '\n');
  }

  void Append(const std::string& field, std::string* line) {
    if (separator_ == '\t') {
      // Such a file has no quotes: what would end a field becomes a space.
      for (char c : field) {
        const bool kept = c != '\t' && c != '\n' && c != '\r';
        *line += kept ? c : ' ';
        faithful_ = faithful_ && kept;
      }
      return;
    }
    bool text = !field.empty();
    // A number or time may begin with a sign.
    if (field.starts_with('-') || field.starts_with('+')) {
      const auto read = FieldTerm(field);
      text = !read.ok() || read->As<Name>() != nullptr;
    }
    results::AppendCsvField(field, text, line);
  }

  Output& output_;
  const char separator_;
  std::vector<std::string> keys_;
  absl::flat_hash_map<std::string, size_t> places_;
  bool begun_ = false;
  bool faithful_ = true;
  uint64_t changed_ = 0;
  Counter left_out_;
  std::map<std::string, Counter> lost_;
};

}  // namespace

std::unique_ptr<FactWriter> MakeTableWriter(char separator, Output& output,
                                            const FactWriterOptions& options) {
  return std::make_unique<TableWriter>(output, separator, options.keys);
}

}  // namespace annals::datasets
