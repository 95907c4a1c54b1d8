// Numeric factorizations by CHOLMOD and Eigen, timed on request; see bench_factorization.py.
//
//     factorization_peer MATRIX METHOD SOLUTION [SIZE ZEROS SIZE ZEROS SIZE ZEROS]
//
// MATRIX is binary: n and the number of entries (int64), the column starts and rows of the lower triangle
// (int32), its values and a right side (float64). METHOD is one of cholmod-amd, cholmod-metis,
// cholmod-nesdis, eigen-llt-amd, eigen-ldlt-amd, eigen-llt-metis, eigen-ldlt-metis. The pairs of SIZE and
// ZEROS tell CHOLMOD what supernodes to merge (nrelax and zrelax of its manual); without them it uses its
// own. The symbolic analysis is made once; what it found is the first line of the output, as JSON. Then, for
// each line of the input:
//
//     time     one numeric factorization; prints its seconds
//     solve    solves with the last factor, writes SOLUTION (n float64) and prints the residual |b - A x| /
//     |b|

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>

#include <cholmod.h>
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

extern "C" char* openblas_get_corename(void);
extern "C" char* openblas_get_config(void);

namespace {

using Matrix = Eigen::SparseMatrix<double, Eigen::ColMajor, int>;
using Vector = Eigen::VectorXd;

struct Problem {
    Matrix lower;
    Vector right;
};

template <typename T>
void read(std::ifstream& file, T* into, std::int64_t count) {
    file.read(reinterpret_cast<char*>(into), static_cast<std::streamsize>(count * sizeof(T)));
    if (!file) {
        throw std::runtime_error("the file of the matrix is too short");
    }
}

Problem read_problem(const char* name) {
    std::ifstream file(name, std::ios::binary);
    std::int64_t size[2];
    read(file, size, 2);
    Problem problem;
    problem.lower.resize(size[0], size[0]);
    problem.lower.resizeNonZeros(size[1]);
    problem.right.resize(size[0]);
    read(file, problem.lower.outerIndexPtr(), size[0] + 1);
    read(file, problem.lower.innerIndexPtr(), size[1]);
    read(file, problem.lower.valuePtr(), size[1]);
    read(file, problem.right.data(), size[0]);
    return problem;
}

struct Analysis {
    long long entries = 0;  ///< of the factor, with its diagonal
    double flops = 0.0;     ///< sum of the squared numbers of entries of its columns
    long long stored = 0;   ///< entries that are stored, with the zeros inside supernodes
};

class Method {
public:
    virtual ~Method() = default;
    virtual Analysis analysis() const = 0;
    virtual void factorize() = 0;
    virtual Vector solve(const Vector& right) = 0;
};

/// Row i of the permuted matrix is row permutation[i] of the matrix.
using Permutation = std::vector<int>;

/// When CHOLMOD merges two supernodes: by the columns they have together and the share of zeros that adds.
struct Relaxation {
    std::size_t size[3];
    double zeros[3];
};

class CholmodCommon {
public:
    CholmodCommon() { cholmod_start(&common_); }
    CholmodCommon(const CholmodCommon&) = delete;
    CholmodCommon& operator=(const CholmodCommon&) = delete;
    ~CholmodCommon() { cholmod_finish(&common_); }

    cholmod_common* get() { return &common_; }
    cholmod_common* operator->() { return &common_; }

private:
    cholmod_common common_{};
};

/// The lower triangle as CHOLMOD sees it, without a copy.
cholmod_sparse view_of(Matrix& lower) {
    cholmod_sparse view{};
    view.nrow = view.ncol = static_cast<std::size_t>(lower.rows());
    view.nzmax = static_cast<std::size_t>(lower.nonZeros());
    view.p = lower.outerIndexPtr();
    view.i = lower.innerIndexPtr();
    view.x = lower.valuePtr();
    view.stype = -1;
    view.itype = CHOLMOD_INT;
    view.xtype = CHOLMOD_REAL;
    view.dtype = CHOLMOD_DOUBLE;
    view.sorted = view.packed = 1;
    return view;
}

/// Of CHOLMOD, postordered.
Permutation find_order(Matrix& lower, int ordering) {
    CholmodCommon common;
    common->nmethods = 1;
    common->method[0].ordering = ordering;
    common->postorder = 1;
    common->supernodal = CHOLMOD_SIMPLICIAL;
    cholmod_sparse view = view_of(lower);
    cholmod_factor* factor = cholmod_analyze(&view, common.get());
    // CHOLMOD falls back to another ordering where it was built without METIS.
    if (factor == nullptr || factor->ordering != ordering) {
        throw std::runtime_error("CHOLMOD did not make the ordering it was told to");
    }
    const int* const rows = static_cast<const int*>(factor->Perm);
    Permutation permutation(rows, rows + lower.rows());
    cholmod_free_factor(&factor, common.get());
    return permutation;
}

/// CHOLMOD on the matrix permuted beforehand, so that no timing has the permutation in it.
class Cholmod : public Method {
public:
    Cholmod(Matrix& lower, int ordering, const Relaxation* relaxation)
        : permutation_(find_order(lower, ordering)) {
        const auto rows = static_cast<Eigen::Index>(permutation_.size());
        Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> place(rows);
        for (Eigen::Index row = 0; row < rows; ++row) {
            place.indices()[permutation_[static_cast<std::size_t>(row)]] = static_cast<int>(row);
        }
        permuted_.resize(rows, rows);
        permuted_.selfadjointView<Eigen::Lower>() = lower.selfadjointView<Eigen::Lower>().twistedBy(place);
        permuted_ = Matrix(Matrix(permuted_.transpose()).transpose());  // sorts the rows of each column
        permuted_.makeCompressed();
        view_ = view_of(permuted_);

        common_->nmethods = 1;
        common_->method[0].ordering = CHOLMOD_NATURAL;
        common_->postorder = 0;
        common_->supernodal = CHOLMOD_SUPERNODAL;
        if (relaxation != nullptr) {
            std::copy_n(relaxation->size, 3, common_->nrelax);
            std::copy_n(relaxation->zeros, 3, common_->zrelax);
        }
        factor_ = cholmod_analyze(&view_, common_.get());
        if (factor_ == nullptr || factor_->is_super == 0) {
            throw std::runtime_error("CHOLMOD made no supernodal analysis");
        }
        found_ = {static_cast<long long>(common_->lnz), common_->fl, static_cast<long long>(factor_->xsize)};
    }
    Cholmod(const Cholmod&) = delete;
    Cholmod& operator=(const Cholmod&) = delete;
    ~Cholmod() override { cholmod_free_factor(&factor_, common_.get()); }

    Analysis analysis() const override { return found_; }

    void factorize() override {
        cholmod_factorize(&view_, factor_, common_.get());
        if (common_->status != CHOLMOD_OK) {
            throw std::runtime_error("CHOLMOD: not positive definite");
        }
    }

    Vector solve(const Vector& right) override {
        Vector permuted(right.size());
        for (Eigen::Index row = 0; row < right.size(); ++row) {
            permuted[row] = right[permutation_[static_cast<std::size_t>(row)]];
        }
        cholmod_dense column{};
        column.nrow = column.nzmax = column.d = static_cast<std::size_t>(right.size());
        column.ncol = 1;
        column.x = permuted.data();
        column.xtype = CHOLMOD_REAL;
        column.dtype = CHOLMOD_DOUBLE;
        cholmod_dense* result = cholmod_solve(CHOLMOD_A, factor_, &column, common_.get());
        if (result == nullptr) {
            throw std::runtime_error("CHOLMOD could not solve");
        }
        Vector solution(right.size());
        for (Eigen::Index row = 0; row < right.size(); ++row) {
            solution[permutation_[static_cast<std::size_t>(row)]] = static_cast<double*>(result->x)[row];
        }
        cholmod_free_dense(&result, common_.get());
        return solution;
    }

private:
    Permutation permutation_;
    Matrix permuted_;
    CholmodCommon common_;
    cholmod_sparse view_{};
    cholmod_factor* factor_ = nullptr;
    Analysis found_;
};

/// Lets Eigen use METIS' ordering, as CHOLMOD calls it.
struct MetisOrdering {
    using PermutationType = Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int>;

    template <typename Symmetric>
    void operator()(const Symmetric& matrix, PermutationType& inverse) const {
        Matrix lower = Matrix(matrix).triangularView<Eigen::Lower>();
        lower.makeCompressed();
        const Permutation permutation = find_order(lower, CHOLMOD_METIS);
        inverse.resize(lower.rows());
        std::copy(permutation.begin(), permutation.end(), inverse.indices().data());
    }
};

template <typename Solver>
class Simplicial : public Method {
public:
    explicit Simplicial(const Matrix& lower) : matrix_(lower) {
        solver_.analyzePattern(matrix_);
        solver_.factorize(matrix_);
        // LDLT does not store its diagonal of ones.
        const Matrix& factor = solver_.matrixL().nestedExpression();
        const long long diagonal = factor.coeff(0, 0) == 0.0 ? 1 : 0;
        for (int column = 0; column < factor.cols(); ++column) {
            const auto entries =
                factor.outerIndexPtr()[column + 1] - factor.outerIndexPtr()[column] + diagonal;
            found_.entries += entries;
            found_.flops += static_cast<double>(entries) * static_cast<double>(entries);
        }
        found_.stored = found_.entries;
    }

    Analysis analysis() const override { return found_; }

    void factorize() override {
        solver_.factorize(matrix_);
        if (solver_.info() != Eigen::Success) {
            throw std::runtime_error("Eigen: not positive definite");
        }
    }

    Vector solve(const Vector& right) override { return solver_.solve(right); }

private:
    const Matrix& matrix_;
    Solver solver_;
    Analysis found_;
};

std::unique_ptr<Method> make(const std::string& name, Matrix& lower, const Relaxation* relaxation) {
    using Amd = Eigen::AMDOrdering<int>;
    if (name == "cholmod-amd") {
        return std::make_unique<Cholmod>(lower, CHOLMOD_AMD, relaxation);
    }
    if (name == "cholmod-metis") {
        return std::make_unique<Cholmod>(lower, CHOLMOD_METIS, relaxation);
    }
    if (name == "cholmod-nesdis") {
        return std::make_unique<Cholmod>(lower, CHOLMOD_NESDIS, relaxation);
    }
    if (name == "eigen-llt-amd") {
        return std::make_unique<Simplicial<Eigen::SimplicialLLT<Matrix, Eigen::Lower, Amd>>>(lower);
    }
    if (name == "eigen-ldlt-amd") {
        return std::make_unique<Simplicial<Eigen::SimplicialLDLT<Matrix, Eigen::Lower, Amd>>>(lower);
    }
    if (name == "eigen-llt-metis") {
        return std::make_unique<Simplicial<Eigen::SimplicialLLT<Matrix, Eigen::Lower, MetisOrdering>>>(lower);
    }
    if (name == "eigen-ldlt-metis") {
        return std::make_unique<Simplicial<Eigen::SimplicialLDLT<Matrix, Eigen::Lower, MetisOrdering>>>(
            lower);
    }
    throw std::runtime_error("unknown method " + name);
}

/// The library that dense kernels come from: not necessarily the one that was linked.
std::string blas_library() {
    Dl_info info;
    void* const symbol = dlsym(RTLD_DEFAULT, "dgemm_");
    return symbol != nullptr && dladdr(symbol, &info) != 0 ? info.dli_fname : "unknown";
}

void serve(Problem& problem, const std::string& name, const char* solution_name,
           const Relaxation* relaxation) {
    const std::unique_ptr<Method> method = make(name, problem.lower, relaxation);
    const Analysis found = method->analysis();
    int version[3];
    cholmod_version(version);
    std::printf(
        "{\"entries\": %lld, \"stored\": %lld, \"flops\": %.17g, \"blas\": \"%s\", \"kernel\": \"%s\", "
        "\"openblas\": \"%s\", \"cholmod\": \"%d.%d.%d\", \"eigen\": \"%d.%d.%d\"}\n",
        found.entries, found.stored, found.flops, blas_library().c_str(), openblas_get_corename(),
        openblas_get_config(), version[0], version[1], version[2], EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION,
        EIGEN_MINOR_VERSION);
    std::fflush(stdout);
    for (std::string command; std::getline(std::cin, command);) {
        if (command == "time") {
            const auto start = std::chrono::steady_clock::now();
            method->factorize();
            const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
            std::printf("%.17g\n", elapsed.count());
        } else if (command == "solve") {
            const Vector solution = method->solve(problem.right);
            const Vector left = problem.right - problem.lower.selfadjointView<Eigen::Lower>() * solution;
            std::ofstream file(solution_name, std::ios::binary);
            file.write(reinterpret_cast<const char*>(solution.data()),
                       static_cast<std::streamsize>(sizeof(double)) * solution.size());
            file.close();
            std::printf("%.17g\n", left.norm() / problem.right.norm());
        } else {
            throw std::runtime_error("unknown command " + command);
        }
        std::fflush(stdout);
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4 && count != 10) {
        std::cerr << "usage: factorization_peer MATRIX METHOD SOLUTION [SIZE ZEROS SIZE ZEROS SIZE ZEROS]\n";
        return 2;
    }
    try {
        Problem problem = read_problem(arguments[1]);
        Relaxation relaxation{};
        for (int k = 0; count == 10 && k < 3; ++k) {
            relaxation.size[k] = std::stoul(arguments[4 + 2 * k]);
            relaxation.zeros[k] = std::stod(arguments[5 + 2 * k]);
        }
        serve(problem, arguments[2], arguments[3], count == 10 ? &relaxation : nullptr);
    } catch (const std::exception& error) {
        std::cerr << "factorization_peer: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
