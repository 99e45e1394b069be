// Statements read by several threads are those that one reader gives of the whole text.
#include "datasets/io/quad_lines.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "datasets/io/line_blocks.h"

namespace annals::datasets {
namespace {

constexpr SerdSyntax kSyntax = SERD_NQUADS;

std::string Statement(std::mt19937& random) {
  const std::string n = std::to_string(random() % 1000);
  switch (random() % 5) {
    case 0:
      return "_:b" + n + " <http://x/p> _:c" + n + " .";
    case 1:
      return "<http://x/s" + n + "> <http://x/p> \"text \\u00e9 " +
             std::string(random() % 200, 'x') + "\"@EN <http://x/g" + n + "> .";
    case 2:
      return "<http://x/s" + n + "> <http://x/p> \"" + n + "\"^^<http://x/t> .";
    default:
      return "<http://x/s" + n + "> <http://x/p> <http://x/o" + n + "> <http://x/g> .";
  }
}

// Over several blocks; one in `faults` lines has a fault.
std::string ManyLines(uint32_t seed, uint32_t faults) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < 4 * LineBlocks::kBlock) {
    const auto kind = random() % 100;
    if (faults > 0 && random() % faults == 0) {
      text += random() % 2 == 0 ? "<http://x/a> <http://x/b c> <http://x/d> ."
                                : "<http://x/a> <http://x/b> \"\\q\" .";
    } else if (kind == 0) {
      text += "# " + std::to_string(random());
    } else if (kind > 2) {
      text += Statement(random);
    }
    text += random() % 5 == 0 ? "\r\n" : "\n";
  }
  return text;
}

RdfText TextOf(const std::string& lines) {
  RdfText text;
  text.path = "some.nq";
  text.text = lines;
  text.base_iri = "https://annals.example/";
  text.blank_prefix = "here.";
  text.escapes = true;
  return text;
}

std::string Describe(const Quad& quad) {
  std::string text;
  for (const std::string* part : {&quad.graph, &quad.subject, &quad.predicate, &quad.object,
                                  &quad.datatype, &quad.language}) {
    text += *part + " | ";
  }
  for (const SerdType type : {quad.graph_type, quad.subject_type, quad.object_type}) {
    text += std::to_string(type) + " ";
  }
  return text;
}

struct Answer {
  std::vector<std::string> quads;
  std::string error;
};

Answer ReadWhole(const std::string& lines) {
  const RdfText text = TextOf(lines);
  Answer answer;
  const absl::Status status =
      QuadReader(kSyntax, text).Read(lines.c_str(), 0, [&](const Quad& quad) {
        answer.quads.push_back(Describe(quad));
        return absl::OkStatus();
      });
  answer.error = std::string(status.message());
  return answer;
}

Answer ReadInBlocks(const RdfText& text, size_t threads, size_t* passed) {
  Answer answer;
  QuadLinesUse use;
  use.use = [&](const Quad& quad) {
    answer.quads.push_back(Describe(quad));
    return absl::OkStatus();
  };
  use.passed = [&](std::string_view lines) {
    CHECK(lines.data() == text.text.data() + *passed);
    *passed += lines.size();
  };
  answer.error = std::string(ReadQuadLines(kSyntax, text, threads, use).message());
  return answer;
}

void CheckSame(const std::string& lines) {
  const Answer expected = ReadWhole(lines);
  const RdfText text = TextOf(lines);
  for (const size_t threads : {1u, 4u}) {
    size_t passed = 0;
    const Answer answer = ReadInBlocks(text, threads, &passed);
    CHECK(passed <= lines.size());
    CHECK(answer.error == expected.error);
    CHECK((answer.quads == expected.quads));
  }
}

TEST_CASE("statements are the same whatever the threads, and in their order") {
  std::string text = ManyLines(1, 0);
  CheckSame(text);
  CHECK(ReadWhole(text).quads.size() > 5000);
  text += "<http://x/a> <http://x/b> \"the last has no line end\" .";
  CheckSame(text);
}

TEST_CASE("a fault is told where it is, and nothing after it") {
  for (const uint32_t seed : {2u, 3u, 4u}) {
    const std::string text = ManyLines(seed, 3000);
    size_t begin = 0, line = 1;
    const auto is_fault = [&] {
      const std::string_view rest = std::string_view(text).substr(begin);
      return rest.starts_with("<http://x/a> <http://x/b");
    };
    for (; !is_fault(); ++line) begin = text.find('\n', begin) + 1;
    const size_t before = ReadWhole(text.substr(0, begin)).quads.size();
    for (const size_t threads : {1u, 4u}) {
      size_t passed = 0;
      const Answer answer = ReadInBlocks(TextOf(text), threads, &passed);
      CHECK(passed <= begin);
      CHECK(answer.error.starts_with("some.nq:" + std::to_string(line) + ":"));
      CHECK(answer.quads.size() == before);
    }
  }
}

// What is wrong with a line, with its place in it, and how many statements are given before.
std::string FaultIn(const std::string& line, SerdSyntax syntax, bool skip, size_t* quads) {
  const std::string lines = line + "\n<http://x/a> <http://x/b> <http://x/c> .";
  RdfText text = TextOf(lines);
  std::string fault;
  QuadLinesUse use;
  *quads = 0;
  use.use = [&](const Quad&) {
    ++*quads;
    return absl::OkStatus();
  };
  if (skip) {
    use.fault = [&](const absl::Status& status, uint64_t number, std::string_view) {
      CHECK(number == 1);
      fault = std::string(status.message());
      return absl::OkStatus();
    };
  }
  const absl::Status status = ReadQuadLines(syntax, text, 1, use);
  if (!status.ok()) fault = std::string(status.message());
  const std::string begin = "some.nq:1:";
  CHECK(fault.starts_with(begin));
  return fault.substr(begin.size(), fault.find('\n') - begin.size());
}

TEST_CASE("a line that is no statement has a fault, and nothing of it is used") {
  constexpr std::pair<const char*, const char*> kFaults[] = {
      {"oops", "1: expected a subject: an IRI in <> or a blank node"},
      {"5 .", "1: expected a subject"},
      {"{", "1: expected a subject"},
      {". .", "1: expected a subject"},
      {"\"x\" <http://b> <http://c> .", "1: expected a subject"},
      {"<http://a>", "11: expected a predicate: an IRI in <>"},
      {"<http://a> \"x\" <http://c> .", "12: expected a predicate"},
      {"<http://a> _:b <http://c> .", "12: expected a predicate"},
      {"<http://a> <http://b> ", "23: expected an object"},
      {"<http://a> <http://b> c .", "23: expected an object"},
      {"<http://a> <http://b> _: .", "23: expected a label after '_:'"},
      {"<http://a> <http://b> \"x .", "23: the text is not closed on its line"},
      {"<http://a> <http://b> \"x\\\" .", "23: the text is not closed on its line"},
      {"<http://a> <http://b> <http://c .", "23: the IRI is not closed; expected '>'"},
      {"<http://a> <http://b> \"x\"^^ .", "29: expected the datatype after '^^'"},
      {"<http://a> <http://b> <http://c>", "33: expected '.' at the end of the statement"},
      {"<http://a> <http://b> <http://c> , <http://d> .", "34: expected '.' at the end"},
      {"<http://a> <http://b> <http://c> . junk", "36: expected the end of the line"},
      {"<http://a> <http://b> <http://c> . <http://a> <http://b> <http://c> .", "36: expected"},
      {"<http://a> <http://b> _:c;.", "26: expected '.' at the end"},
      {"<http://a> <http://b> \"c\"@en- .", "1: the language '@en-' is none"},
      {"<http://a> <http://b> \"\\u0000\" .", "1: a text holds a NUL character"},
      {"<http://a> <http://b> \"\\ud800\" .", "1: '\\xed"},
      {"<http://a b> <http://b> <http://c> .", ""}};
  for (const SerdSyntax syntax : {SERD_NTRIPLES, SERD_NQUADS}) {
    for (const auto& [line, message] : kFaults) {
      INFO(line);
      size_t before = 0, passed = 0;
      const std::string fault = FaultIn(line, syntax, /*skip=*/false, &before);
      CHECK(fault.starts_with(message));
      CHECK(before == 0);
      CHECK(FaultIn(line, syntax, /*skip=*/true, &passed) == fault);
      CHECK(passed == 1);
    }
  }
  size_t quads = 0;
  CHECK(FaultIn("<http://a> <http://b> <http://c> <http://d> .", SERD_NTRIPLES, false, &quads)
            .starts_with("34: expected '.'"));
  CHECK(FaultIn("<http://a> <http://b> <http://c> <http://d> <http://e> .", SERD_NQUADS, false,
                &quads)
            .starts_with("45: expected '.'"));
}

TEST_CASE("lines end in LF, CR or both, and need little space") {
  const std::string lines =
      "<http://x/s><http://x/p>_:o<http://x/g>.\r# A comment.\r\n\r"
      "_:b <http://x/p>\"t\"@en-GB.#x\n\t<http://x/s> <http://x/p> "
      "\"t\"^^<http://x/t><http://x/g>. "
      "\r\noops";
  size_t passed = 0;
  const Answer answer = ReadInBlocks(TextOf(lines), 1, &passed);
  CHECK(answer.error.starts_with("some.nq:6:1: expected a subject"));
  CHECK(answer.quads.size() == 3);
  for (const std::string line :
       {"<http://x/s> <http://x/p> <http://x/o> _:g.", "<http://x/s> <http://x/p> \"o\"_:g.#x",
        "<http://x/s> <http://x/p> _:o.#x", "_:a:b <http://x/p> _:c.d.."}) {
    passed = 0;
    const Answer one = ReadInBlocks(TextOf(line), 1, &passed);
    INFO(line);
    CHECK(one.error.empty() == !line.ends_with(".."));
  }
}

TEST_CASE("blocks end where lines do") {
  std::string lines = ManyLines(8, 0);
  const Answer expected = ReadInBlocks(TextOf(lines), 1, std::make_unique<size_t>(0).get());
  for (size_t at = 0; (at = lines.find("\r\n", at)) != lines.npos;) lines.erase(at, 1);
  std::replace(lines.begin(), lines.end(), '\n', '\r');
  LineBlocks blocks(lines, /*cr_ends=*/true);
  size_t size = 0;
  for (std::string_view block; !(block = blocks.Next()).empty(); size += block.size()) {
    CHECK(block.size() < 2 * LineBlocks::kBlock);
  }
  CHECK(size == lines.size());
  for (const size_t threads : {1u, 4u}) {
    size_t passed = 0;
    const Answer answer = ReadInBlocks(TextOf(lines), threads, &passed);
    CHECK(answer.error.empty());
    CHECK((answer.quads == expected.quads));
  }
}

TEST_CASE("lines that are read one by one are told with their faults") {
  const std::string text = ManyLines(6, 20);
  std::vector<std::string> expected;
  const RdfText rdf = TextOf(text);
  QuadReader reader(kSyntax, rdf);
  uint64_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.pop_back();
    begin = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const absl::Status status =
        reader.Read((line + '\n').c_str(), number - 1, [&](const Quad& quad) -> absl::Status {
          if (quad.object == "http://x/o7") return InvalidArgument("seven");
          expected.push_back(std::to_string(number) + ": " + Describe(quad));
          return absl::OkStatus();
        });
    if (status.ok()) continue;
    expected.push_back(std::to_string(number) + ": " + std::string(status.message()) + line);
  }
  for (const size_t threads : {1u, 4u}) {
    std::vector<std::string> lines;
    uint64_t line = 0;
    QuadLinesUse use;
    use.begin_line = [&](uint64_t at) { line = at; };
    use.use = [&](const Quad& quad) -> absl::Status {
      if (quad.object == "http://x/o7") return InvalidArgument("seven");
      lines.push_back(std::to_string(line) + ": " + Describe(quad));
      return absl::OkStatus();
    };
    use.fault = [&](const absl::Status& fault, uint64_t at, std::string_view text_of_line) {
      CHECK(at == line);
      lines.push_back(std::to_string(at) + ": " + std::string(fault.message()) +
                      std::string(text_of_line));
      return absl::OkStatus();
    };
    CHECK(ReadQuadLines(kSyntax, rdf, threads, use).ok());
    CHECK((lines == expected));
  }
}

}  // namespace
}  // namespace annals::datasets
