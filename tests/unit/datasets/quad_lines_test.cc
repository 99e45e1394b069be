// Statements read by several threads are those that one reader gives of the whole text.
#include "datasets/io/quad_lines.h"

#include <algorithm>
#include <catch2/catch.hpp>
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
      text += random() % 2 == 0 ? "<http://x/a> <http://x/b c> <http://x/d> ." : "<http://x/a .";
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
    CHECK(ReadWhole(text).error.starts_with("some.nq:"));
    CheckSame(text);
  }
}

TEST_CASE("a statement may go on in the next block") {
  std::string text = ManyLines(5, 0);
  const size_t end = text.find('\n', LineBlocks::kBlock - 1);
  const size_t space = text.rfind("> <http://x/p>", end);
  REQUIRE(space != std::string::npos);
  // All line ends around it are within statements now.
  std::string piece = text.substr(0, space + 1) + "\n";
  while (piece.size() < LineBlocks::kBlock) piece += "  \n";
  text = piece + text.substr(space + 1);
  CHECK(ReadWhole(text).error.empty());
  CheckSame(text);
}

TEST_CASE("what a line lacks is told there, not in the next one") {
  const std::string lines = ManyLines(7, 0);
  const auto before = std::count(lines.begin(), lines.end(), '\n');
  const std::string text = lines + "<http://x/a> <http://x/b> \"c\"\n\n# A comment.\n" + lines;
  const std::string place = "some.nq:" + std::to_string(before + 1) + ":30: ";
  const RdfText rdf = TextOf(text);
  for (const size_t threads : {1u, 4u}) {
    size_t passed = 0;
    CHECK(ReadInBlocks(rdf, threads, &passed).error.starts_with(place));
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
    const std::string line = text.substr(begin, end - begin);
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

TEST_CASE("what a line lacks at its end is told there, not in the next one") {
  for (const std::string end : {"\n", "\r\n"}) {
    const std::string lines = "<http://x/a> <http://x/b> <http://x/c> ." + end +
                              "<http://x/a> <http://x/b" + end +
                              "<http://x/a> <http://x/b> <http://x/d> ." + end;
    const RdfText text = {"some.nq", lines, "https://annals.example/", "here."};
    std::vector<std::string> faults;
    QuadLinesUse use;
    use.use = [](const Quad&) { return absl::OkStatus(); };
    use.fault = [&](const absl::Status& fault, uint64_t, std::string_view) {
      faults.emplace_back(fault.message());
      return absl::OkStatus();
    };
    REQUIRE(ReadQuadLines(kSyntax, text, 1, use).ok());
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].starts_with("some.nq:2:25: "));
  }
}

}  // namespace
}  // namespace annals::datasets
